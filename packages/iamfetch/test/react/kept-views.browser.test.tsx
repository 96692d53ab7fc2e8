import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { act, Activity, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakePool, idToken, settle, type FakePool } from '../../../cognito/test/fake-pool.ts'
import { IamProvider, useCredentialStatus } from '../../src/react/index.ts'
import { useIamQueryOptions } from '../../src/react/query.ts'

let root: Root
let container: HTMLElement
let pool: FakePool
let credentials: ReturnType<FakePool['make']>
let client: QueryClient

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  container = document.body.appendChild(document.createElement('div'))
  root = createRoot(container)
  pool = fakePool()
  credentials = pool.make()
  client = new QueryClient()
})
afterEach(async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  await act(async () => root.unmount())
  container.remove()
  client.clear()
})

const tree = (page: ReactNode): ReactNode => (
  <QueryClientProvider client={client}>
    <IamProvider fetch={pool.fetch} credentials={credentials}>
      {page}
    </IamProvider>
  </QueryClientProvider>
)

async function signInBob(): Promise<void> {
  pool.token = idToken({ sub: 'bob-sub', 'cognito:username': 'bob' })
  credentials.clear()
  await credentials()
}

/** A page with data that the server rendered for one user. */
function Notes({ initialData }: { initialData?: string }) {
  const iamQueryOptions = useIamQueryOptions()
  const { username } = useCredentialStatus()
  const { data } = useQuery(
    iamQueryOptions({
      queryKey: ['notes'],
      queryFn: async () => `notes of ${credentials.status().username}`,
      ...(initialData !== undefined && { initialData }),
    }),
  )
  return (
    <p>
      {username}: {data}
    </p>
  )
}

test('data that came with the page is not shown to the second user, if no component asked for data under the first', async () => {
  await act(async () => root.render(tree(<p>Welcome</p>)))
  await act(async () => void (await credentials()))
  await act(signInBob)
  await act(async () => root.render(tree(<Notes initialData="notes of alice, from the server" />)))
  expect(container.textContent).not.toContain('notes of alice')
})

/** The views that may be hidden. One element: React renders it again only if something in it changes. */
const NOTES = <Notes />

test.each([
  ['rendered again', () => <Notes />],
  ['not rendered again', () => NOTES],
])(
  'a view that was hidden while the user changed, and is %s, is not shown with the data of the former user',
  async (_, notes) => {
    const page = (mode: 'visible' | 'hidden') => tree(<Activity mode={mode}>{notes()}</Activity>)
    await act(async () => root.render(page('visible')))
    await act(async () => void (await credentials()))
    await act(settle)
    expect(container.textContent).toContain('notes of alice')
    await act(async () => root.render(page('hidden')))
    await act(signInBob)
    await act(settle)
    const visible: string[] = []
    const look = (): void => {
      const view = container.querySelector('p')
      if (view && view.style.display !== 'none') visible.push(view.textContent)
    }
    const observer = new MutationObserver(look)
    observer.observe(container, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    })
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
    root.render(page('visible'))
    for (let frames = 0; frames < 5; frames++) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      look()
    }
    observer.disconnect()
    expect(visible.join()).not.toContain('alice')
    expect(visible.join()).toContain('notes of bob')
  },
)

import { act, StrictMode, type ReactNode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CognitoCredentials } from '@iamfetch/cognito'
import { fakePool, FULL, idToken, READ, refuses } from '../../../cognito/test/fake-pool.ts'
import {
  IamProvider,
  useCredentialStatus,
  useIamFetch,
  useRoles,
  type Roles,
} from '../../src/react/index.ts'

let root: Root
let container: HTMLElement

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  container = document.body.appendChild(document.createElement('div'))
  root = createRoot(container)
})
afterEach(async () => {
  await act(async () => root.unmount())
  container.remove()
})

const show = (node: ReactNode): Promise<void> =>
  act(async () => root.render(<StrictMode>{node}</StrictMode>))

/** The same credentials, and how many listen to them. */
function counted(credentials: CognitoCredentials) {
  const count = { listeners: 0, ever: 0 }
  const counting: CognitoCredentials = Object.assign(
    (options?: { forceRefresh?: boolean }) => credentials(options),
    credentials,
    {
      subscribe(listener: () => void) {
        count.listeners++
        count.ever++
        const end = credentials.subscribe(listener)
        return () => {
          count.listeners--
          end()
        }
      },
    },
  )
  return { counting, count }
}

const record = (fetch: typeof globalThis.fetch, roles: Roles): void => {
  Object.assign(seen, { fetch, roles, renders: seen.renders + 1 })
}
const seen: { fetch?: typeof globalThis.fetch; roles?: Roles; renders: number } = { renders: 0 }

function Page() {
  const roles = useRoles()
  record(useIamFetch(), roles)
  const { state, username, error } = useCredentialStatus()
  return (
    <p>
      {state} {username} {roles.current?.split('/')[1]} {error instanceof Error && error.message}
    </p>
  )
}

test('a page in StrictMode follows the status from nothing to credentials to sign-out', async () => {
  const pool = fakePool()
  const credentials = pool.make()
  await show(
    <IamProvider fetch={pool.fetch} credentials={credentials}>
      <Page />
    </IamProvider>,
  )
  expect(container.textContent).toContain('empty alice')
  expect(pool.calls()).toEqual([])
  expect(seen.fetch).toBe(pool.fetch)
  await act(async () => void (await credentials()))
  expect(container.textContent).toContain('ready alice FullAccessRole')
  await act(async () => credentials.clear())
  expect(container.textContent).toContain('empty')
  expect(container.textContent).not.toContain('alice')
})

/** A page as the guide describes it: the sign-in takes the place of all that would make a call. */
function GuidedPage() {
  const { signedIn, username, error } = useCredentialStatus()
  if (signedIn === undefined) return <p>{error?.code ?? 'Loading'}</p>
  return <p>{signedIn ? `Hello ${username}` : 'Please sign in'}</p>
}

test('a user who is signed in sees no sign-in form after a reload, although nothing was called', async () => {
  const pool = fakePool()
  await show(
    <IamProvider fetch={pool.fetch} credentials={pool.make()}>
      <GuidedPage />
      <GuidedPage />
    </IamProvider>,
  )
  expect(container.textContent).toBe('Hello aliceHello alice')
  expect(pool.calls()).toEqual([])
})

test('a page shows its sign-in form without a call, the user after the sign-in, and the form again after clear()', async () => {
  const pool = fakePool()
  const token = pool.token
  pool.token = undefined
  const credentials = pool.make()
  await show(
    <IamProvider fetch={pool.fetch} credentials={credentials}>
      <GuidedPage />
    </IamProvider>,
  )
  expect(container.textContent).toBe('Please sign in')
  pool.token = token
  await act(async () => void (await credentials.checkSignIn()))
  expect(container.textContent).toBe('Hello alice')
  // The token is still there, as on a page that clears first and signs out afterwards.
  await act(async () => credentials.clear())
  expect(container.textContent).toBe('Please sign in')
  expect(pool.calls()).toEqual([])
})

test('a token that cannot be read for now shows neither the user nor the sign-in form', async () => {
  const pool = fakePool()
  const credentials = pool.make({
    idToken: async () => {
      throw new TypeError('Failed to fetch')
    },
  })
  await show(
    <IamProvider fetch={pool.fetch} credentials={credentials}>
      <GuidedPage />
    </IamProvider>,
  )
  expect(container.textContent).toMatch(/^(NETWORK_OR_CORS|OFFLINE|SERVICE_UNAVAILABLE)$/)
})

test('a page shows why an exchange failed', async () => {
  const pool = fakePool(() => refuses('LimitExceededException', 'Enough for today'))
  const credentials = pool.make()
  await show(
    <IamProvider fetch={pool.fetch} credentials={credentials}>
      <Page />
    </IamProvider>,
  )
  await act(async () => void (await credentials().catch(() => {})))
  expect(container.textContent).toContain('failed')
  expect(container.textContent).toContain('Enough for today')
})

test('mounting and unmounting twice in StrictMode leaves no listener', async () => {
  const pool = fakePool()
  const { counting, count } = counted(pool.make())
  const page = (
    <IamProvider fetch={pool.fetch} credentials={counting}>
      <Page />
      <Page />
    </IamProvider>
  )
  for (let i = 0; i < 2; i++) {
    await show(page)
    expect(count.listeners).toBeGreaterThan(0)
    await show(null)
    expect(count.listeners).toBe(0)
  }
  expect(count.ever).toBeGreaterThan(4)
})

test('roles are listed, predicted and switched, and nothing renders while nothing changes', async () => {
  const pool = fakePool()
  const credentials = pool.make()
  await show(
    <IamProvider fetch={pool.fetch} credentials={credentials}>
      <Page />
    </IamProvider>,
  )
  expect(seen.roles).toMatchObject({
    groups: ['FullAccess'],
    roles: [FULL, READ],
    predicted: { outcome: 'preferred', role: FULL },
    current: undefined,
  })
  await act(async () => void (await credentials()))
  expect(seen.roles).toMatchObject({
    groups: ['FullAccess'],
    roles: [FULL, READ],
    predicted: { outcome: 'preferred', role: FULL },
    current: FULL,
  })
  const { renders, roles } = seen
  await act(async () => void (await Promise.all([credentials(), credentials()])))
  expect(seen.renders).toBe(renders)
  expect(seen.roles).toBe(roles)

  await act(async () => seen.roles!.switchRole(READ))
  expect(seen.roles).toMatchObject({
    predicted: { outcome: 'custom', role: READ },
    current: undefined,
  })
  await act(async () => void (await credentials()))
  expect(seen.roles).toMatchObject({ current: READ })
  expect(pool.inputs().at(-1)).toMatchObject({ CustomRoleArn: READ })
  await act(async () => seen.roles!.switchRole())
  expect(container.textContent).toContain('ready alice FullAccessRole')
})

test('what a server rendered is taken over, with the status of the browser afterwards', async () => {
  const pool = fakePool()
  const credentials = pool.make()
  await credentials()
  const page = (
    <IamProvider fetch={pool.fetch} credentials={credentials}>
      <Page />
    </IamProvider>
  )
  const complaints: unknown[] = []
  await act(async () => root.unmount())
  container.innerHTML = renderToString(page)
  await act(async () => {
    root = hydrateRoot(container, page, { onRecoverableError: (error) => complaints.push(error) })
  })
  expect(complaints).toEqual([])
  expect(container.textContent).toContain('ready alice')
})

test('the tree that developer tools can walk holds no secret and no token', async () => {
  const pool = fakePool()
  const credentials = pool.make()
  await show(
    <IamProvider fetch={(input, init) => pool.fetch(input, init)} credentials={credentials}>
      <Page />
    </IamProvider>,
  )
  await act(async () => void (await credentials()))
  await act(async () => seen.roles!.switchRole(READ))
  await act(async () => void (await credentials()))
  const key = Object.keys(container).find((name) => name.startsWith('__reactContainer'))!
  const { texts, visited } = walked(Reflect.get(container, key))
  expect(visited).toBeGreaterThan(100)
  expect(texts).toContain('identity-1')
  for (const secret of [...pool.secrets, pool.token!, idToken().split('.')[2]!]) {
    expect(texts).not.toContain(secret)
  }
})

/** Every string that own properties lead to, hidden ones and those of functions too; getters are not called. */
function walked(start: unknown): { texts: string; visited: number } {
  const visited = new Set<unknown>()
  const texts: string[] = []
  const waiting = [start]
  while (waiting.length) {
    const value = waiting.pop()
    if (typeof value === 'string') texts.push(value)
    if (value === null || !['object', 'function'].includes(typeof value)) continue
    if (visited.has(value) || value instanceof Node || value === globalThis) continue
    visited.add(value)
    if (value instanceof Map || value instanceof Set) waiting.push(...value)
    for (const name of Reflect.ownKeys(Object(value))) {
      waiting.push(Object.getOwnPropertyDescriptor(value, name)?.value)
    }
  }
  return { texts: texts.join('\n'), visited: visited.size }
}

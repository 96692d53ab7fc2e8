import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { fakeIam } from 'iamfetch/testing'
import { expect, test } from 'vitest'
import { IamProvider, useCredentialStatus, useRoles } from '../../src/react/index.ts'

function Page() {
  const { username, signedIn } = useCredentialStatus()
  const { current } = useRoles()
  return <p>{signedIn ? `${username} as ${current?.split('/').at(-1)}` : 'Please sign in'}</p>
}

test('a component shows the user of a fake sign-in, a switch and a sign-out', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const iam = fakeIam({ user: { username: 'bob', groups: ['ReadOnly'] } })
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  await act(async () => {
    root.render(
      <IamProvider fetch={iam.fetch} credentials={iam.credentials}>
        <Page />
      </IamProvider>,
    )
    await iam.ready
  })
  expect(container.textContent).toBe('bob as ReadOnlyRole')
  await act(() => iam.signIn({ username: 'alice', groups: ['FullAccess'] }))
  expect(container.textContent).toBe('alice as FullAccessRole')
  await act(async () => iam.signOut())
  expect(container.textContent).toBe('Please sign in')
  await act(async () => root.unmount())
  container.remove()
})

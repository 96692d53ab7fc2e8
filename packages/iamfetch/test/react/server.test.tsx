import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { fakePool } from '../../../cognito/test/fake-pool.ts'
import { IamProvider, useCredentialStatus, useIamFetch, useRoles } from '../../src/react/index.ts'

function Page() {
  const call = useIamFetch()
  const { state, groups } = useCredentialStatus()
  const { roles, predicted, current } = useRoles()
  return <p>{JSON.stringify({ call: typeof call, state, groups, roles, predicted, current })}</p>
}

test('a server renders the page of nobody, whoever is signed in, and exchanges nothing', async () => {
  const pool = fakePool()
  const credentials = pool.make()
  const page = (
    <IamProvider fetch={globalThis.fetch} credentials={credentials}>
      <Page />
    </IamProvider>
  )
  const before = renderToString(page)
  expect(before).toContain('empty')
  expect(pool.calls()).toEqual([])
  await credentials()
  expect(renderToString(page)).toBe(before)
})

test.each([useIamFetch, useCredentialStatus, useRoles])(
  'a hook without a provider says what is missing (case %#)',
  (hook) => {
    const Lost = () => <p>{typeof hook()}</p>
    expect(() => renderToString(<Lost />)).toThrow(/<IamProvider>/)
  },
)

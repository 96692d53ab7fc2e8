import { createElement } from 'react'
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

test('a server renders the page without a user, even if one is signed in, and exchanges nothing', async () => {
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
  'a hook without a provider names the missing provider (case %#)',
  (hook) => {
    const Lost = () => <p>{typeof hook()}</p>
    expect(() => renderToString(<Lost />)).toThrow(/no <IamProvider> above .* installed twice/)
  },
)

test('IamProvider names a prop that is misspelt, missing or of the wrong kind', () => {
  const props = { fetch: globalThis.fetch, credentials: fakePool().make() }
  const rendering = (given: object) => () =>
    renderToString(createElement(IamProvider, given as typeof props))
  expect(rendering({ ...props, credential: 1 })).toThrow(
    /"credential" is not an option; .* credentials/,
  )
  expect(rendering({ ...props, fetch: undefined })).toThrow('"fetch" must be what createIamFetch')
  expect(rendering({ ...props, credentials: {} })).toThrow('"credentials" must be what')
  expect(rendering({ ...props, credential: 1 })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})

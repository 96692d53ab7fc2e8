import { act, StrictMode, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakePool, idToken, READ } from '../../../cognito/test/fake-pool.ts'
import { createPermissions, watchPermissions } from '../../src/permissions.ts'
import { Can, IamProvider, useCan } from '../../src/react/index.ts'

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

const allow = { effect: 'allow', statement: 'statement 0' }
const table = {
  version: 1,
  groups: [],
  defaultRole: null,
  alwaysDefaultRole: false,
  guestRole: null,
  roles: {
    FullAccessRole: { 'POST /notes': allow, 'GET /notes': { effect: 'depends' } },
    ReadOnlyAccessRole: { 'POST /notes': { effect: 'deny' }, 'GET /notes': allow },
  },
}
const bob = idToken({ sub: 'bob-sub', 'cognito:roles': [READ], 'cognito:preferred_role': READ })

function Page() {
  return (
    <>
      {String(useCan('POST /notes'))}{' '}
      <Can route="POST /notes" otherwise="read only">
        form
      </Can>{' '}
      <Can route="GET /notes" unknown="perhaps">
        list
      </Can>
    </>
  )
}

test('useCan and Can follow the user without a call, and no listener is left', async () => {
  const pool = fakePool()
  const credentials = pool.make()
  const permissions = createPermissions(table, credentials)
  const page = (
    <IamProvider fetch={pool.fetch} credentials={credentials} permissions={permissions}>
      <Page />
    </IamProvider>
  )
  expect(renderToString(page).replaceAll('<!-- -->', '')).toBe('undefined form perhaps')
  await show(page)
  expect(container.textContent).toBe('true form perhaps')
  pool.token = bob
  await act(async () => void (await credentials.checkSignIn()))
  expect(container.textContent).toBe('false read only list')
  await act(async () => credentials.clear())
  expect(container.textContent).toBe('false read only ')
  expect(pool.calls()).toEqual([])
})

test('a refusal that the table does not expect renders the page again', async () => {
  const pool = fakePool()
  const credentials = pool.make()
  const permissions = createPermissions(table, credentials)
  await show(
    <IamProvider fetch={pool.fetch} credentials={credentials} permissions={permissions}>
      <Page />
    </IamProvider>,
  )
  const forbidden = new Response('{"message":"Forbidden"}', { status: 403 })
  const watched = watchPermissions(permissions, async () => forbidden)
  await act(async () => void (await watched('/notes', { method: 'POST' })))
  expect(container.textContent).toBe('false read only perhaps')
})

test('useCan without permissions is an error that says what is missing', async () => {
  const pool = fakePool()
  const page = (
    <IamProvider fetch={pool.fetch} credentials={pool.make()}>
      <Page />
    </IamProvider>
  )
  expect(() => renderToString(page)).toThrow('useCan: "permissions" of <IamProvider> is missing.')
  const wrong = Object({ permissions: table }) as object
  expect(() =>
    renderToString(<IamProvider fetch={pool.fetch} credentials={pool.make()} {...wrong} />),
  ).toThrow('IamProvider: "permissions" must be what createPermissions returned')
})

import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { createDevtools, IamDevtools, iamDevtoolsPlugin } from 'iamfetch/devtools'
import axe from 'axe-core'
import type { CDPSession } from 'playwright'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cdp } from 'vitest/browser'
import { fakePool, FULL, idToken, POOL, READ } from '../../../cognito/test/fake-pool.ts'

const API = 'https://abc123.execute-api.eu-central-1.amazonaws.com'

let root: Root
let container: HTMLElement

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  document.body.style.margin = '0'
  container = document.body.appendChild(document.createElement('main'))
  root = createRoot(container)
})
afterEach(async () => {
  await act(async () => root.unmount())
  container.remove()
})

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** A page of bob, who may choose between two roles, with its panel. */
async function panelOfBob(answer: () => Response) {
  const orders: unknown[] = []
  const devtools = createDevtools()
  const controls = {
    operations: async () => ['notes GET /notes', 'GetId'],
    expireSession: async (accessKeyId: string) => void orders.push(['expire', accessKeyId]),
    shiftClock: async (ms: number) => void orders.push(['shift', ms]),
    failNext: async (...order: string[]) => void orders.push(order),
  }
  const pool = fakePool()
  const token = idToken({
    'cognito:username': 'bob',
    'cognito:groups': ['ReadOnlyAccess', 'FullAccess'],
    'cognito:roles': [READ, FULL],
    'cognito:preferred_role': READ,
  })
  const credentials = cognitoCredentials(
    devtools.observeCognito({
      identityPoolId: POOL,
      idToken: async () => token,
      fetch: pool.fetch,
      clock: pool.clock,
    }),
  )
  const call = devtools.observeFetch(createIamFetch, {
    baseUrl: API,
    credentials,
    fetch: async () => answer(),
  })
  await act(async () =>
    root.render(<IamDevtools devtools={{ ...devtools, controls }} credentials={credentials} />),
  )
  const making = (path: string, init?: RequestInit): Promise<void> =>
    act(async () => {
      const { ok } = await call(path, init)
      const isShown = (): boolean => ok || devtools.calls()[0]?.explanation !== undefined
      while (!isShown()) await settle()
    })
  return { devtools, credentials, making, orders, pool, token }
}

const button = (name: string): HTMLElement =>
  [...container.querySelectorAll('button')].find(({ textContent }) => textContent === name)!
const choose = (select: HTMLSelectElement, value: string): void => {
  select.value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
}

const DENIED =
  'User: arn:aws:sts::123456789012:assumed-role/ReadOnlyAccessRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/notes'
const denied = (): Response => Response.json({ message: DENIED }, { status: 403 })

test('the panel shows who is signed in, the role, and why a call was refused', async () => {
  const { making } = await panelOfBob(denied)
  await making('/notes?token=hunter2', { method: 'POST', body: 'hunter2' })
  const text = container.innerText
  expect(text).toContain('Signed in as bob')
  expect(text).toContain('ReadOnlyAccess, FullAccess')
  expect(text).toMatch(/Assumed role\s+ReadOnlyAccessRole/)
  expect(text).toMatch(/ready, (60:00|59:\d\d) left/)
  expect(text).toMatch(/POST\s*\/notes\s*403/)
  expect(text).toContain('The role ReadOnlyAccessRole is not allowed to call POST /notes.')
  expect(text).toContain('Responsible: policy')
})

test('no secret is in the panel, whatever was called', async () => {
  const { making, pool, token, credentials } = await panelOfBob(denied)
  await making('/notes?token=hunter2', { method: 'POST', body: 'hunter2' })
  const everything = document.documentElement.outerHTML
  const { accessKeyId } = await credentials()
  expect(pool.secrets.length).toBeGreaterThan(0)
  for (const secret of [...pool.secrets, token, accessKeyId, 'hunter2', 'Signature=']) {
    expect(everything).not.toContain(secret)
  }
})

test('the role can be switched, and the next call uses it', async () => {
  const { making, credentials } = await panelOfBob(() => new Response())
  await making('/notes')
  const [select] = container.querySelectorAll('select')
  const roles = [...container.querySelectorAll('select')].find(({ labels }) =>
    labels[0]?.textContent.startsWith('Role'),
  )
  expect(select).toBeDefined()
  await act(async () => choose(roles!, FULL))
  expect(credentials.status().role).toBe(FULL)
  await making('/notes')
  expect(container.innerText).toMatch(/Assumed role\s+FullAccessRole/)
})

test('the local stack can be made to misbehave', async () => {
  const { making, orders, credentials } = await panelOfBob(() => new Response())
  await making('/notes')
  await act(async () => button('Expire the session').click())
  await act(async () => button('Clock +10 min').click())
  await act(async () => button('Let it fail').click())
  await act(settle)
  expect(orders).toEqual([
    ['expire', (await credentials()).accessKeyId],
    ['shift', 600_000],
    ['notes GET /notes', 'fail'],
  ])
  expect(container.querySelector('[role=status]')?.textContent).toBe(
    'The next call of notes GET /notes will fail.',
  )
})

test('the list can be limited to failed calls and cleared', async () => {
  let status = 200
  const { making } = await panelOfBob(() => new Response(null, { status }))
  await making('/good')
  status = 404
  await making('/missing')
  expect(container.querySelectorAll('details')).toHaveLength(2)
  await act(async () => container.querySelector<HTMLInputElement>('[type=checkbox]')!.click())
  expect(container.querySelectorAll('details')).toHaveLength(1)
  await act(async () => button('Clear').click())
  expect(container.innerText).toContain('No calls yet.')
})

describe.each(['light', 'dark'])('in %s', (scheme) => {
  const emulate = (value: string): Promise<unknown> =>
    (cdp() as CDPSession).send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value }],
    })
  beforeEach(() => emulate(scheme))
  afterEach(() => emulate(''))

  test.each([360, 1280])('the panel is accessible and fits at %i pixels', async (width) => {
    const { making } = await panelOfBob(denied)
    container.style.width = `${width}px`
    await making(`/notes/${'long'.repeat(40)}`, { method: 'POST' })
    expect(container.scrollWidth).toBeLessThanOrEqual(width)
    const panel = container.querySelector('.iamfetch-devtools')!
    // The colours are those of the scheme, or the contrast would be that of the other one.
    expect(getComputedStyle(panel).backgroundColor).toBe(
      scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(22, 25, 29)',
    )
    const { violations } = await axe.run(container)
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })
})

test('the panel is a plugin of TanStack Devtools', async () => {
  const { devtools, credentials } = await panelOfBob(denied)
  const { id, name, render } = iamDevtoolsPlugin({ devtools, credentials })
  expect([id, name]).toEqual(['iamfetch', 'iamfetch'])
  await act(async () => root.render(render))
  expect(container.querySelector('section')?.getAttribute('aria-label')).toBe('iamfetch')
})

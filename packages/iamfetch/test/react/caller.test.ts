import { isIamFetchError } from '@iamfetch/core'
import { array, assert, asyncProperty, constantFrom } from 'fast-check'
import { hydrate, QueryClient, type DehydratedState } from '@tanstack/react-query'
import { describe, expect, test } from 'vitest'
import { signedEvents } from '../../src/events/index.ts'
import { observedFetch, type CallObserver } from '../../src/observed-fetch.ts'
import { createPermissions } from '../../src/permissions.ts'
import { callerOf, runAs, type Caller } from '../../src/react/caller.ts'
import { mutationOptionsFor } from '../../src/react/mutation.ts'
import { queryOptionsFor } from '../../src/react/query-options.ts'
import { watchCallers } from '../../src/react/watch-callers.ts'
import { watchPermissions } from '../../src/watch-permissions.ts'
import { failure, scene, settle, type Scene } from '../caller-scene.ts'
import { API } from '../fixtures.ts'

const ok = (): Response => new Response('ok')
const POST = { method: 'POST', body: 'what alice wants' }

/** A page on which alice is signed in and her token was read. */
async function page(): Promise<{ device: Scene; alice: Caller }> {
  const device = scene(ok)
  await device.credentials()
  return { device, alice: callerOf(device.credentials.status()) }
}

const runOn = (
  { iamFetch, credentials }: Scene,
  caller: Caller,
  work: (fetch: typeof globalThis.fetch) => Promise<unknown>,
): Promise<unknown> => runAs(caller, { fetch: iamFetch, credentials }, work)

test('a mutation is not signed for a user who signed in unnoticed', async () => {
  const { device, alice } = await page()
  device.user = 'bob'
  const error = await failure(runOn(device, alice, (fetch) => fetch('/notes', POST)))
  expect(error).toMatchObject({ code: 'CLEARED' })
  expect(device.sent()).toBe(0)
})

test('a mutation that calls after a wait is not signed for the user who signed in during the wait', async () => {
  const { device, alice } = await page()
  const mutation = runOn(device, alice, async (fetch) => {
    device.credentials.clear()
    device.user = 'bob'
    await device.credentials()
    return fetch('/notes', POST)
  })
  expect(await failure(mutation)).toMatchObject({ code: 'CLEARED' })
  expect(device.sent()).toBe(0)
})

test('a mutation that calls after a wait is not signed for a role that was chosen during the wait', async () => {
  const { device, alice } = await page()
  const mutation = runOn(device, alice, async (fetch) => {
    device.credentials.switchRole('arn:aws:iam::123456789012:role/Admin')
    return fetch('/notes', POST)
  })
  expect(await failure(mutation)).toMatchObject({ code: 'CLEARED' })
  expect(device.sent()).toBe(0)
})

test('a stream that a query opens still follows its own user', async () => {
  const { device, alice } = await page()
  const stream = (): Response =>
    new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
  const fetch = device.make({ fetch: async () => stream() })
  const { credentials } = device
  const first = await runAs(alice, { fetch, credentials }, async (own) => {
    for await (const event of signedEvents(own, '/events')) return event.data
    return undefined
  })
  expect(first).toBe('1')
})

test('whatever happens in between, each request of a mutation is signed for its user or not sent', async () => {
  const change = constantFrom('alice', 'bob', 'nobody', 'clear', 'read', 'wait')
  await assert(
    asyncProperty(array(change, { maxLength: 8 }), array(change), async (before, during) => {
      const { device, alice } = await page()
      const happen = async (what: string): Promise<void> => {
        if (what === 'clear') device.credentials.clear()
        else if (what === 'read') await failure(device.credentials())
        else if (what === 'wait') await Promise.resolve()
        else device.user = what === 'nobody' ? undefined : what
      }
      for (const what of before) await happen(what)
      const error = await failure(
        runOn(device, alice, async (fetch) => {
          for (const what of during) await happen(what)
          return fetch('/notes', POST)
        }),
      )
      await settle()
      expect(device.callers().filter((caller) => caller !== 'alice')).toEqual([])
      expect(error === undefined || isIamFetchError(error)).toBe(true)
    }),
    { numRuns: 25 },
  )
})

describe('a mutation that waited in a store', () => {
  /** What a store has of a mutation of alice that was paused offline. */
  const stored = (alice: Caller): DehydratedState => ({
    queries: [],
    mutations: [
      {
        mutationKey: ['add', { caller: alice }],
        state: {
          status: 'pending',
          isPaused: true,
          variables: POST.body,
          failureCount: 0,
          submittedAt: 1,
          context: undefined,
          data: undefined,
          error: null,
          failureReason: null,
        },
      },
    ],
  })

  test.each([
    ['and the page watches its users', true],
    ['and the page has not noticed that alice is gone', false],
  ])('is not sent for the user who is there when it comes back, %s', async (_, isWatched) => {
    const { device, alice } = await page()
    device.credentials.clear()
    device.user = 'bob'
    await device.credentials()
    const client = new QueryClient()
    if (isWatched) watchCallers(client, device.credentials)
    const { iamFetch: fetch, credentials } = device
    const caller = callerOf(credentials.status())
    const { mutationFn } = mutationOptionsFor({ fetch, credentials, client, caller })({
      mutationFn: (body: string, own) => own.fetch('/notes', { method: 'POST', body }),
    })
    client.setMutationDefaults(['add'], { mutationFn: mutationFn as never })
    hydrate(client, stored(alice))
    await client.resumePausedMutations()
    await settle()
    expect(device.sent()).toBe(0)
  })
})

test('data that came with the page is not shown to the second user, also if the first never saw the component', async () => {
  const { device, alice } = await page()
  const { iamFetch: fetch, credentials } = device
  const client = new QueryClient()
  const initialDataFor = (caller: Caller): unknown =>
    queryOptionsFor({ fetch, credentials, client, caller })({
      queryKey: ['notes'],
      queryFn: () => [],
      initialData: { of: 'alice' },
    })['initialData']
  queryOptionsFor({ fetch, credentials, client, caller: alice })
  expect(initialDataFor({ ...alice, sub: 'bob' })).toBeUndefined()
  expect(initialDataFor(alice)).toBeInstanceOf(Function)
})

test('a mutation is not signed for a user who signed in unnoticed, if the page passes on nothing but a Request', async () => {
  const { device, alice } = await page()
  const { credentials, iamFetch } = device
  const fetch: typeof globalThis.fetch = (input, init) => iamFetch(new Request(input, init))
  const add = (): Promise<unknown> =>
    runAs(alice, { fetch, credentials }, (own) => own(`${API}/notes`, POST))
  await add()
  expect(device.callers()).toEqual(['alice'])
  device.user = 'bob'
  expect(await failure(add())).toMatchObject({ code: 'CLEARED' })
  expect(device.sent()).toBe(1)
})

test('a mutation is not signed for a user who signed in unnoticed, if the page passes the options on for some calls only', async () => {
  const { device, alice } = await page()
  const { credentials, iamFetch } = device
  const OTHER = `${API}/other`
  const other = device.make()
  const fetch: typeof globalThis.fetch = (input, init) =>
    input === OTHER ? other(new Request(input, init)) : iamFetch(input, init)
  const add = (path: string): Promise<unknown> =>
    runAs(alice, { fetch, credentials }, (own) => own(path, POST))
  await add(`${API}/notes`)
  await add(`${API}/notes`)
  device.user = 'bob'
  expect(await failure(add(OTHER))).toMatchObject({ code: 'CLEARED' })
  expect(device.callers()).toEqual(['alice', 'alice'])
})

/** Each `fetch` of ours around another one. */
const WRAPPERS: Record<string, (fetch: typeof globalThis.fetch, device: Scene) => typeof fetch> = {
  'the function that createIamFetch returned': (fetch) => fetch,
  'one of watchPermissions': (fetch, { credentials }) =>
    watchPermissions(createPermissions(NO_PERMISSIONS, credentials), fetch),
  'one that telemetry or the development panel follows': (fetch) =>
    observedFetch(
      () => fetch,
      {},
      () => OBSERVER,
      () => {},
    ),
}
const NO_PERMISSIONS = { version: 1, groups: [], alwaysDefaultRole: false, roles: {} }
const OBSERVER: CallObserver = {
  run: (call) => call(),
  attempt: ({ init }, send) => send(init),
  end: () => {},
}

test.each(Object.entries(WRAPPERS))('%s reads the token once for each call', async (_, wrap) => {
  const { device, alice } = await page()
  const { credentials } = device
  const fetch = wrap(device.iamFetch, device)
  const add = (): Promise<unknown> =>
    runAs(alice, { fetch, credentials }, (own) => own('/notes', POST))
  await add()
  const before = device.reads()
  await add()
  expect(device.reads()).toBe(before + 1)
})

test.each(Object.entries(WRAPPERS).slice(1))(
  'a mutation is not signed for a user who signed in unnoticed, if %s is around a function of the page',
  async (_, wrap) => {
    const { device, alice } = await page()
    const { credentials, iamFetch } = device
    const ofPage: typeof globalThis.fetch = (input, init) =>
      input === `${API}/other` ? iamFetch(new Request(input, init)) : iamFetch(input, init)
    const fetch = wrap(ofPage, device)
    const add = (path: string): Promise<unknown> =>
      runAs(alice, { fetch, credentials }, (own) => own(path, POST))
    await add(`${API}/notes`)
    device.user = 'bob'
    expect(await failure(add(`${API}/other`))).toMatchObject({ code: 'CLEARED' })
    expect(device.callers()).toEqual(['alice'])
  },
)

test.each([
  ['the function of createIamFetch', (fetch: typeof globalThis.fetch) => fetch],
  [
    'a function of the page around it',
    (fetch: typeof globalThis.fetch): typeof fetch =>
      (input, init) =>
        fetch(input, init),
  ],
])('what is changed after a call of %s does not count, as with plain fetch', async (_, wrap) => {
  const { device, alice } = await page()
  const { credentials, iamFetch } = device
  const fetch = wrap(iamFetch)
  const bodies = (): (URLSearchParams | FormData | Uint8Array<ArrayBuffer>)[] => {
    const form = new FormData()
    form.set('text', 'before')
    const bytes = new TextEncoder().encode('text=before')
    return [new URLSearchParams({ text: 'before' }), form, bytes]
  }
  for (const body of bodies()) {
    await runAs(alice, { fetch, credentials }, async (own) => {
      const url = new URL(`${API}/before`)
      const headers = new Headers({ 'x-text': 'before' })
      const init = { method: 'POST', headers, body }
      const call = own(url, init)
      url.pathname = '/after'
      headers.set('x-text', 'after')
      init.method = 'PUT'
      if (body instanceof Uint8Array) body.fill(0)
      else body.set('text', 'after')
      return call
    })
  }
  const sent = device.api.seen
  expect(sent).toHaveLength(3)
  for (const { url, method, headers, body } of sent) {
    expect([method, new URL(url).pathname.endsWith('/before')]).toEqual(['POST', true])
    expect(headers.get('x-text')).toBe('before')
    expect(body).toMatch(/text.*before/s)
  }
})

test('a call of a mutation sends what its options inherit, as plain fetch does', async () => {
  const { device, alice } = await page()
  class Options {
    get method(): string {
      return 'POST'
    }
    get body(): string {
      return 'of a class'
    }
  }
  const ofRequest = new Request(`${API}/other`, { method: 'POST', body: 'of a request' })
  for (const options of [new Options(), ofRequest as RequestInit]) {
    await runOn(device, alice, (fetch) => fetch('/notes', options))
  }
  expect(device.api.seen.map(({ method, body }) => [method, body])).toEqual([
    ['POST', 'of a class'],
    ['POST', 'of a request'],
  ])
})

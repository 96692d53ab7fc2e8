import {
  hydrate,
  MutationObserver,
  onlineManager,
  QueryClient,
  type MutationOptions,
} from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callerOf } from '../../src/react/caller.ts'
import { mutationOptionsFor, type IamMutationOptions } from '../../src/react/mutation.ts'
import { watchCallers } from '../../src/react/watch-callers.ts'
import { failure, scene, settle, type Scene } from '../caller-scene.ts'

let device: Scene
let client: QueryClient

beforeEach(async () => {
  device = scene(() => new Response())
  client = new QueryClient()
  watchCallers(client, device.credentials)
  await device.credentials()
})
afterEach(() => {
  onlineManager.setOnline(true)
  client.clear()
})

const add = (more: Partial<IamMutationOptions<Response, Error, string, unknown>> = {}) => {
  const { iamFetch: fetch, credentials } = device
  const caller = callerOf(credentials.status())
  return mutationOptionsFor({ fetch, credentials, client, caller })({
    mutationKey: ['add'],
    mutationFn: (body: string, own) => own.fetch('/notes', { method: 'POST', body }),
    ...more,
  })
}

const mutate = (options: MutationOptions<Response, Error, string> = add()): Promise<unknown> =>
  new MutationObserver(client, options).mutate('what alice wants')

async function signIn(user: string | undefined): Promise<void> {
  device.credentials.clear()
  device.user = user
  await failure(device.credentials())
}

/** What a promise is rejected with, if that does not take longer than what is under way. */
const soon = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    failure(promise),
    settle()
      .then(settle)
      .then(() => 'still pending'),
  ])

/** How the user goes. */
const LEAVES: Record<string, () => Promise<void>> = {
  'signs out': () => signIn(undefined),
  'signs out, and another user signs in': () => signIn('bob'),
  'is replaced by another user unnoticed': async () => {
    device.user = 'bob'
    await device.credentials.checkSignIn()
  },
}

describe.each(Object.entries(LEAVES))('a paused mutation whose user %s', (_, leave) => {
  test('rejects with CLEARED if it waits for the network', async () => {
    onlineManager.setOnline(false)
    const waiting = mutate()
    await settle()
    await leave()
    expect(await soon(waiting)).toMatchObject({ code: 'CLEARED' })
  })

  test('rejects with CLEARED if it waits for the network after an attempt that failed', async () => {
    const { mutationFn, ...options } = add()
    const fails = async (): Promise<never> => {
      onlineManager.setOnline(false)
      throw new TypeError('Failed to fetch')
    }
    expect(mutationFn).toBeTypeOf('function')
    const waiting = mutate({ ...options, mutationFn: fails, retry: true, retryDelay: 0 })
    await settle()
    await settle()
    await leave()
    expect(await soon(waiting)).toMatchObject({ code: 'CLEARED' })
  })

  test('is never sent, also if the same user comes back before the network does', async () => {
    onlineManager.setOnline(false)
    const waiting = failure(mutate())
    await settle()
    const mutations = client.getMutationCache().getAll()
    await leave()
    await signIn('alice')
    onlineManager.setOnline(true)
    await client.resumePausedMutations()
    await Promise.all(mutations.map((mutation) => failure(mutation.continue())))
    expect(await waiting).toMatchObject({ code: 'CLEARED' })
    expect(device.sent()).toBe(0)
  })
})

test('a mutation that a component still starts for a user who has gone rejects with CLEARED, also without a network', async () => {
  const options = add()
  await signIn('bob')
  onlineManager.setOnline(false)
  expect(await soon(mutate(options))).toMatchObject({ code: 'CLEARED' })
})

test('the callbacks of mutate are not called after the user has gone', async () => {
  const called: string[] = []
  onlineManager.setOnline(false)
  const observer = new MutationObserver(client, add())
  const stop = observer.subscribe(() => {})
  const waiting = failure(
    observer.mutate('what alice wants', {
      onError: () => void called.push('onError'),
      onSettled: () => void called.push('onSettled'),
    }),
  )
  await settle()
  await signIn('bob')
  onlineManager.setOnline(true)
  expect(await waiting).toMatchObject({ code: 'CLEARED' })
  await settle()
  expect(called).toEqual([])
  stop()
})

test('a mutation that waits keeps its own function when its component is rendered for other credentials', async () => {
  onlineManager.setOnline(false)
  const observer = new MutationObserver(client, add())
  const waiting = failure(observer.mutate('what alice wants'))
  await settle()
  const called: unknown[] = []
  const { fetch } = globalThis
  const credentials = device.credentialsWith({})
  const caller = { ...callerOf(device.credentials.status()), sub: 'carol' }
  const next = mutationOptionsFor({ fetch, credentials, client, caller })({
    mutationKey: ['add'],
    mutationFn: async (body: string) => (called.push(body), new Response()),
  })
  observer.setOptions({ ...next, mutationFn: async () => (called.push('carol'), new Response()) })
  onlineManager.setOnline(true)
  await client.resumePausedMutations()
  await waiting
  expect(called).toEqual([])
  expect(device.callers()).toEqual(['alice'])
})

test('a mutation of the present user that comes back from a store is sent once', async () => {
  const mutationFn = add().mutationFn as never
  client.setMutationDefaults(['add'], { mutationFn })
  const state = { status: 'pending', isPaused: true, variables: 'a note', submittedAt: 1 } as never
  hydrate(client, { queries: [], mutations: [{ mutationKey: add().mutationKey, state }] })
  await client.resumePausedMutations()
  expect(device.callers()).toEqual(['alice'])
})

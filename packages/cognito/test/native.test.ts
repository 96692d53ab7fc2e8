import { expect, test, vi } from 'vitest'
import {
  followAppState,
  identityStoreIn,
  type CognitoCredentials,
  type CredentialStatus,
} from '../src/native.ts'

/** An app whose state a test changes. */
function app() {
  const listeners = new Set<(state: string) => void>()
  return {
    listeners,
    become: (state: string) => listeners.forEach((listener) => listener(state)),
    addEventListener(_: 'change', listener: (state: string) => void) {
      listeners.add(listener)
      return { remove: () => void listeners.delete(listener) }
    },
  }
}

const credentialsIn = (state: CredentialStatus['state']) => {
  const ask = vi.fn(async () => Promise.reject(new Error('offline')))
  const status = () => ({ state }) as CredentialStatus
  return { ask, credentials: Object.assign(ask, { status }) as unknown as CognitoCredentials }
}

test('credentials are requested when the app comes to the foreground, and a failure affects no caller', async () => {
  const { ask, credentials } = credentialsIn('ready')
  const state = app()
  const end = followAppState(credentials, state)
  state.become('inactive')
  state.become('background')
  expect(ask).not.toHaveBeenCalled()
  state.become('active')
  expect(ask).toHaveBeenCalledExactlyOnceWith({ forceRefresh: false })
  end()
  state.become('active')
  expect([ask.mock.calls.length, state.listeners.size]).toEqual([1, 0])
})

test('after a clock went back an exchange reads the time again', () => {
  const { ask, credentials } = credentialsIn('ready')
  const state = app()
  let now = 10_000
  followAppState(credentials, state, () => now)
  state.become('background')
  now = 5_000
  state.become('active')
  expect(ask).toHaveBeenLastCalledWith({ forceRefresh: true })
  state.become('background')
  state.become('active')
  expect(ask).toHaveBeenLastCalledWith({ forceRefresh: false })
})

test('no exchange starts that was not requested', () => {
  const { ask, credentials } = credentialsIn('empty')
  const state = app()
  followAppState(credentials, state)
  state.become('active')
  expect(ask).not.toHaveBeenCalled()
})

const held = new Map<string, string>()
/** Refuses the names that expo-secure-store refuses. */
const named = (key: string): string => {
  if (!/^[\w.-]+$/.test(key)) throw new Error('Invalid key')
  return key
}

test.each([
  [
    'expo-secure-store',
    {
      getItemAsync: async (key: string) => held.get(named(key)) ?? null,
      setItemAsync: async (key: string, value: string) => void held.set(named(key), value),
      deleteItemAsync: async (key: string) => void held.delete(named(key)),
    },
  ],
  [
    'AsyncStorage',
    {
      getItem: async (key: string) => held.get(key) ?? null,
      setItem: async (key: string, value: string) => void held.set(key, value),
      removeItem: async (key: string) => void held.delete(key),
    },
  ],
])('identity IDs are kept in %s', async (_, storage) => {
  const store = identityStoreIn(storage)
  await store.set('iamfetch:1a2b', 'eu-central-1:id')
  expect(await store.get('iamfetch:1a2b')).toBe('eu-central-1:id')
  expect(await store.get('iamfetch:other')).toBeNull()
  await store.delete('iamfetch:1a2b')
  expect(held.size).toBe(0)
})

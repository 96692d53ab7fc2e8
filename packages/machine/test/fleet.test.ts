import { describe, expect, test } from 'vitest'
import {
  machineToken,
  memoryStore,
  oauthTokenEndpoint,
  type MachineToken,
  type MachineTokenEvent,
  type TokenStore,
} from '../src/index.ts'
import {
  drivenClock,
  elapse,
  testEndpoint,
  type DrivenClock,
  type TestEndpoint,
} from './endpoint.ts'

const HOUR = 3_600_000
const source = oauthTokenEndpoint({ url: 'https://idp.example/oauth2/token', clientId: 'reader' })

interface Fleet {
  clock: DrivenClock
  endpoint: TestEndpoint
  store: TokenStore
  events: MachineTokenEvent[]
  /** Another process of the fleet. */
  member: (store?: TokenStore, clientSecret?: string) => MachineToken
}

function fleet(): Fleet {
  const clock = drivenClock()
  const endpoint = testEndpoint(clock)
  const store = memoryStore({ clock })
  const events: MachineTokenEvent[] = []
  const member = (its: TokenStore = store, clientSecret = 'secret-1') =>
    machineToken({
      source,
      clientSecret,
      fetch: endpoint,
      clock,
      store: its,
      onEvent: (event) => events.push(event),
    })
  return { clock, endpoint, store, events, member }
}

describe('a fleet that shares a store', () => {
  test('requests one token when all processes start at the same moment', async () => {
    const { clock, endpoint, member } = fleet()
    const members = Array.from({ length: 20 }, () => member())
    const tokens = await elapse(clock, Promise.all(members.map((token) => token())))
    expect(new Set(tokens)).toEqual(new Set(endpoint.minted))
    expect(endpoint.minted).toHaveLength(1)
    const stats = members.map((token) => token.stats())
    expect(stats.filter(({ minted }) => minted === 1)).toHaveLength(1)
    expect(stats.filter(({ shared }) => shared === 1)).toHaveLength(19)
  })

  test('requests one token for each life of a token, through a day', async () => {
    const { clock, endpoint, member } = fleet()
    const members = Array.from({ length: 5 }, () => member())
    for (let minute = 0; minute < 24 * 60; minute += 10) {
      await elapse(clock, Promise.all(members.map((token) => token())))
      await clock.advance(600_000)
    }
    // Renewed between 70 % and 80 % of an hour, looked at every ten minutes: 24 h / 50 min, and one to begin with.
    expect(endpoint.minted.length).toBeGreaterThanOrEqual(24)
    expect(endpoint.minted.length).toBeLessThanOrEqual(35)
  })

  test('replaces a rejected token once', async () => {
    const { clock, endpoint, member } = fleet()
    const members = Array.from({ length: 10 }, () => member())
    await elapse(clock, Promise.all(members.map((token) => token())))
    const replaced = members.map(async (token) => {
      expect(token.invalidate(endpoint.minted[0]!)).toBe(true)
      return token()
    })
    expect(new Set(await elapse(clock, Promise.all(replaced)))).toEqual(
      new Set([endpoint.minted[1]]),
    )
    expect(members.map((token) => token.invalidate(endpoint.minted[1]!))).not.toContain(true)
    expect(endpoint.minted).toHaveLength(2)
  })

  test('continues when the process that has the lease never comes back', async () => {
    const { clock, endpoint, store, member } = fleet()
    const lost: TokenStore = { ...store, set: async () => {}, release: async () => {} }
    await elapse(clock, member(lost)())
    const begun = clock.now()
    expect(await elapse(clock, member()())).toBe(endpoint.minted[1])
    expect(clock.now() - begun).toBeLessThanOrEqual(12_000)
  })

  test('hands the lease on when the request for a token fails', async () => {
    const { clock, endpoint, member } = fleet()
    endpoint.next.push(() => Response.json({ error: 'unauthorized_client' }, { status: 400 }))
    const begun = clock.now()
    const both = await elapse(clock, Promise.allSettled([member()(), member()()]))
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(clock.now() - begun).toBeLessThan(1_000)
  })

  test('reads the store once more with the lease: its previous owner may have just finished', async () => {
    const { clock, endpoint, store, member } = fleet()
    await elapse(clock, member()())
    let reads = 0
    const late: TokenStore = {
      ...store,
      get: async (key) => (++reads === 1 ? undefined : store.get(key)),
    }
    expect(await elapse(clock, member(late)())).toBe(endpoint.minted[0])
    expect(endpoint.minted).toHaveLength(1)
  })

  test('does not wait for a lease that was taken although taking it seemed to fail', async () => {
    const { clock, store, member } = fleet()
    const slow: TokenStore = {
      ...store,
      set: async () => {},
      tryLease: async (...lease) => {
        await store.tryLease!(...lease)
        return new Promise<never>(() => {})
      },
    }
    await elapse(clock, member(slow)())
    await clock.advance(0)
    const begun = clock.now()
    await elapse(clock, member()())
    expect(clock.now() - begun).toBeLessThan(1_000)
  })

  test('requests one token per process if the store has no leases', async () => {
    const { clock, endpoint, store, member } = fleet()
    let coldReads = 0
    let bothRead!: () => void
    const both = new Promise<void>((resolve) => (bothRead = resolve))
    const plain: TokenStore = {
      get: async (key) => {
        if (++coldReads > 2) return store.get(key)
        if (coldReads === 2) bothRead()
        await both
        return undefined
      },
      set: (...entry) => store.set(...entry),
      delete: (key) => store.delete(key),
    }
    await elapse(clock, Promise.all([member(plain)(), member(plain)()]), 1)
    expect(endpoint.minted).toHaveLength(2)
    await elapse(clock, member(plain)())
    expect(endpoint.minted).toHaveLength(2)
  })
})

describe('a store', () => {
  const never = () => new Promise<never>(() => {})
  const fails = () => Promise.reject(new Error('connection lost'))
  const throws = () => {
    throw new Error('not connected')
  }
  test.each<[string, Partial<TokenStore>, number]>([
    ['is down', { get: fails, set: fails, tryLease: fails, release: fails }, 0],
    ['throws', { get: throws, set: throws, tryLease: throws, release: throws }, 0],
    ['hangs', { get: never, set: never, tryLease: never, release: never }, 50],
    ['hangs from the lease on', { tryLease: never, release: never, set: never }, 50],
    ['cannot be written', { set: fails }, 0],
    ['hangs when it is written', { set: never }, 50],
    ['does not take the lease back', { release: fails }, 0],
    ['gives nonsense', { get: async () => 'nonsense' }, 0],
    ['gives something else', { get: async () => '{"token":"x"}' }, 0],
  ])('a store that %s fails no call and costs 50 ms at most', async (_, broken, costMs) => {
    const { clock, endpoint, store, events, member } = fleet()
    const begun = clock.now()
    expect(await elapse(clock, member({ ...store, ...broken })(), 5)).toBe(endpoint.minted[0])
    expect(clock.now() - begun).toBeGreaterThanOrEqual(costMs)
    // The request itself is some steps of 5 ms long.
    expect(clock.now() - begun).toBeLessThan(costMs + 100)
    await expect.poll(() => events.some(({ type }) => type === 'store-failed')).toBe(true)
  })

  test('a store that goes down while a token is in use fails no call', async () => {
    const { clock, endpoint, store, member } = fleet()
    const state = { down: false }
    const mortal: TokenStore = {
      ...store,
      get: (key) => (state.down ? fails() : store.get(key)),
      set: (...entry) => (state.down ? fails() : store.set(...entry)),
      tryLease: (...lease) => (state.down ? fails() : store.tryLease!(...lease)),
    }
    const token = member(mortal)
    await elapse(clock, token())
    state.down = true
    for (let quarter = 0; quarter < 8; quarter++) {
      await elapse(clock, token())
      await clock.advance(HOUR / 4)
    }
    expect(endpoint.minted.length).toBeGreaterThan(1)
  })

  test('sees neither token, secret nor client, and keeps an entry no longer than it lives', async () => {
    const { clock, endpoint, store, member } = fleet()
    const written: unknown[][] = []
    await elapse(
      clock,
      member({
        ...store,
        set: async (...entry) => {
          written.push(entry)
        },
      })(),
    )
    expect(written).toHaveLength(1)
    const [key, value, ttlMs] = written[0]!
    const seen = `${String(key)} ${String(value)}`
    for (const hidden of [endpoint.minted[0]!, 'secret-1', 'reader', 'premium/read']) {
      expect(seen).not.toContain(hidden)
      expect(seen).not.toContain(btoa(hidden).replace(/=+$/, ''))
    }
    expect(key).toMatch(/^[\w-]{43}$/)
    expect(ttlMs).toBeLessThanOrEqual(HOUR)
  })

  test('returns nothing for another secret, so that a rotation makes old entries unreadable', async () => {
    const { clock, endpoint, member, store } = fleet()
    endpoint.clients.get('reader')!.secrets.push('secret-2')
    await elapse(clock, member()())
    expect(await elapse(clock, member(store, 'secret-2')())).toBe(endpoint.minted[1])
    expect(endpoint.minted).toHaveLength(2)
  })

  test('a store that was tampered with returns nothing: an entry can be decrypted under its own key only', async () => {
    const { clock, endpoint, store, member } = fleet()
    const entries = new Map<string, string>()
    const recording: TokenStore = {
      ...store,
      set: async (key, value, ttlMs) => {
        entries.set(key, value)
        await store.set(key, value, ttlMs)
      },
    }
    await elapse(clock, member(recording)())
    const [sealed] = [...entries.values()]
    const write = machineToken({
      source,
      clientSecret: 'secret-1',
      scopes: ['premium/write'],
      fetch: endpoint,
      clock,
      store: { ...store, get: async () => sealed },
      onEvent: () => {},
    })
    expect((await elapse(clock, write.get())).scopes).toEqual(['premium/write'])
    const flipped = sealed!.slice(0, -2) + (sealed!.endsWith('AA') ? 'BB' : 'AA')
    expect(await elapse(clock, member({ ...store, get: async () => flipped })())).toBe(
      endpoint.minted[2],
    )
  })
})

import type { TokenStore } from '@iamfetch/machine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A store to be tested. */
export interface StoreUnderTest {
  store: TokenStore
  /** The same place through another connection, as another process has it. */
  other: TokenStore
  /** Lets time pass for the store. */
  passes(ms: number): Promise<unknown>
  stop?(): Promise<unknown>
}

/** What every {@link TokenStore} has to do. Each implementation runs it. */
export function tokenStoreContract(
  name: string,
  { leases, start }: { leases: boolean; start: () => Promise<StoreUnderTest> },
): void {
  describe(`the token store ${name}`, () => {
    let under: StoreUnderTest
    let serial = 0
    const newKey = (): string => `Key-${++serial}_${'x'.repeat(40)}`
    const got = async (store: TokenStore, key: string): Promise<string | undefined> =>
      (await store.get(key)) ?? undefined

    beforeAll(async () => {
      under = await start()
    }, 180_000)
    afterAll(() => under?.stop?.())

    test('gives nothing for a key that it does not know', async () => {
      expect(await got(under.store, newKey())).toBeUndefined()
    })

    test('gives what was set, to every connection, and the latest of it', async () => {
      const key = newKey()
      await under.store.set(key, 'first', 60_000)
      expect(await got(under.other, key)).toBe('first')
      await under.other.set(key, 'second', 60_000)
      expect(await got(under.store, key)).toBe('second')
    })

    test('keeps keys apart', async () => {
      const [one, two] = [newKey(), newKey()]
      await Promise.all([under.store.set(one, '1', 60_000), under.store.set(two, '2', 60_000)])
      expect(await Promise.all([got(under.store, one), got(under.store, two)])).toEqual(['1', '2'])
    })

    test('keeps a long value whole', async () => {
      const key = newKey()
      const value = 'aZ0-_'.repeat(2_000)
      await under.store.set(key, value, 60_000)
      expect(await got(under.other, key)).toBe(value)
    })

    test('gives nothing once the time is over, fractions of a millisecond included', async () => {
      const key = newKey()
      await under.store.set(key, 'value', 60.7)
      await under.passes(120)
      expect(await got(under.store, key)).toBeUndefined()
    })

    test('starts the time anew with each set', async () => {
      const key = newKey()
      await under.store.set(key, 'short', 50)
      await under.store.set(key, 'long', 60_000)
      await under.passes(100)
      expect(await got(under.store, key)).toBe('long')
    })

    test('forgets what is deleted, and does not mind what never was there', async () => {
      const key = newKey()
      await under.store.delete(key)
      await under.store.set(key, 'value', 60_000)
      await under.other.delete(key)
      expect(await got(under.store, key)).toBeUndefined()
    })

    test('offers leases or says that it has none', () => {
      expect([!!under.store.tryLease, !!under.store.release]).toEqual([leases, leases])
    })

    if (!leases) return

    describe('with its leases', () => {
      const take = (store: TokenStore, key: string, owner: string, ms = 60_000) =>
        store.tryLease!(key, owner, ms)

      test('lets one of many have it', async () => {
        const key = newKey()
        const tries = Array.from({ length: 20 }, (_, index) =>
          take(index % 2 ? under.store : under.other, key, `owner-${index}`),
        )
        expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
      })

      test('gives it to the next one when it was given back', async () => {
        const key = newKey()
        expect(await take(under.store, key, 'a')).toBe(true)
        expect(await take(under.other, key, 'b')).toBe(false)
        await under.store.release!(key, 'a')
        expect(await take(under.other, key, 'b')).toBe(true)
      })

      test('takes it back from its owner alone', async () => {
        const key = newKey()
        await take(under.store, key, 'a')
        await under.other.release!(key, 'b')
        expect(await take(under.other, key, 'b')).toBe(false)
      })

      test('frees it by itself when its owner is gone, who cannot give back what is another’s by then', async () => {
        const key = newKey()
        expect(await take(under.store, key, 'a', 50)).toBe(true)
        await under.passes(120)
        expect(await take(under.other, key, 'b')).toBe(true)
        await under.store.release!(key, 'a')
        expect(await take(under.store, key, 'c')).toBe(false)
      })

      test('keeps it apart from the value and from other keys', async () => {
        const [one, two] = [newKey(), newKey()]
        await under.store.set(one, 'value', 60_000)
        expect(await take(under.store, one, 'a')).toBe(true)
        expect(await take(under.store, two, 'b')).toBe(true)
        expect(await got(under.store, one)).toBe('value')
        await under.store.delete(one)
        expect(await take(under.other, one, 'c')).toBe(false)
      })
    })
  })
}

import { describe, expect, it } from 'vitest'
import { cognitoIssuer, createDeveloperAccess } from '../src/index.ts'
import {
  operations,
  expectTidied,
  interruptions,
  idOf,
  make,
  interrupted,
  takes,
} from './operations.ts'
import { userPoolId } from './fake-pool.ts'
import { alice, reading } from './fixtures.ts'
import { expectAgreement, scenario } from './scenario.ts'

describe.each(operations)('$name', (operation) => {
  it('succeeds when nothing happens', async () => {
    const { answer, made, w } = await interrupted(operation)
    expect(answer).toBeDefined()
    operation.held?.(w, made, answer?.value)
    await expectAgreement(w, w.process().access)
  })

  it('leaves store and pool agreed after a sweep, whichever step fails or is the last', async () => {
    const { steps } = await interrupted(operation)
    expect(steps).toBeGreaterThan(1)
    for (let at = 0; at < steps; at++) {
      for (const what of interruptions)
        await expectTidied(operation, await interrupted(operation, [{ at, what }]))
    }
  })

  it('does so when sweepers die too, at any step of theirs', async () => {
    const { steps } = await interrupted(operation)
    expect(steps).toBeGreaterThan(1)
    for (let at = 0; at < steps; at++) {
      for (let diesAt = 0, died = true; died; diesAt++) {
        const one = await interrupted(operation, [{ at, what: 'dies after' }])
        one.w.clock.jump(120_000)
        const dying = one.w.process({ at: diesAt, what: 'dies after' })
        await dying.access.sweep().catch(() => {})
        died = dying.steps() > diesAt
        await expectTidied(operation, one)
      }
    }
  })

  it('does so when the process only slept until a sweeper took it for dead, and then went on or died', async () => {
    const { steps } = await interrupted(operation)
    expect(steps).toBeGreaterThan(1)
    for (let at = 0; at < steps; at++) {
      for (let diesAt = at + 1; diesAt <= steps; diesAt++) {
        const w = scenario()
        const interrupt = async (): Promise<void> => {
          w.clock.jump(120_000)
          await w.process().access.sweep()
        }
        const sleeps = { at, what: interrupt }
        const dies = { at: diesAt, what: 'dies after' } as const
        await expectTidied(operation, await interrupted(operation, [sleeps, dies], w))
      }
    }
  })

  it('does so when the process wakes in the middle of a sweep', async () => {
    const { steps } = await interrupted(operation)
    expect(steps).toBeGreaterThan(1)
    for (let at = 0; at < steps; at++) {
      for (let wakesAt = 0, woke = true; woke; wakesAt++) {
        const w = scenario()
        let wake = (): void => {}
        const woken = new Promise<void>((resolve) => (wake = resolve))
        let one: ReturnType<typeof interrupted> | undefined
        await new Promise<void>((resolve) => {
          const sleep = (): Promise<void> => {
            resolve()
            return woken
          }
          one = interrupted(operation, [{ at, what: sleep }], w)
        })
        w.clock.jump(120_000)
        const goOn = async (): Promise<void> => {
          wake()
          await one
        }
        const sweeper = w.process({ at: wakesAt, what: goOn })
        await sweeper.access.sweep()
        woke = sweeper.steps() > wakesAt
        await goOn()
        if (one) await expectTidied(operation, await one)
      }
    }
  })
})

describe('two processes', () => {
  const ofOneKey = operations.filter(({ before }) => before === make)
  const pairs = ofOneKey.flatMap((one) =>
    ofOneKey.map((two) => [one.name, two.name, one, two] as const),
  )

  it.each(pairs)('may do %s and %s at once', async (_one, _two, first, second) => {
    const { steps } = await interrupted(first)
    expect(steps).toBeGreaterThan(1)
    for (let at = 0; at < steps; at++) {
      const w = scenario()
      const made = await make(w.process().access)
      const other = async () => {
        await second.act(w.process().access, made).catch(() => {})
        await w.process().access.sweep()
      }
      await first.act(w.process({ at, what: other }).access, made).catch(() => {})
      const { access } = w.process()
      await access.sweep()
      await expectAgreement(w, access)
    }
  })
})

describe('a creation that slept', () => {
  it('removes the client that it made too late by itself, and says that it came to nothing', async () => {
    const w = scenario()
    const interrupt = async (): Promise<void> => {
      w.clock.jump(120_000)
      await w.process().access.sweep()
    }
    // The step in which the client is made: the row is reserved before it.
    const { answer } = await interrupted(operations[0]!, [{ at: 3, what: interrupt }], w)
    expect(w.pool.calls.filter((call) => call === 'CreateUserPoolClient')).toHaveLength(1)
    expect(answer).toBeUndefined()
    expect(w.pool.clients.size).toBe(3)
  })
})

describe('a sweep', () => {
  it('removes the second client of a creation that was sent twice', async () => {
    const w = scenario()
    const twice: typeof fetch = async (input, init) => {
      const target = new Headers(init?.headers).get('x-amz-target') ?? ''
      if (target.endsWith('CreateUserPoolClient')) await w.pool.fetch(input, init)
      return w.pool.fetch(input, init)
    }
    const access = createDeveloperAccess({
      issuer: cognitoIssuer({ userPoolId, fetch: twice, clock: w.clock }),
      store: w.store,
      clock: w.clock,
    })
    const made = await access.createKey(alice, reading)
    const tidy = w.process().access
    expect(await tidy.sweep()).toEqual({ settled: 0, orphans: 1, missing: 0, deferred: 0 })
    expect(takes(w.pool, made.key.clientId, made)).toBe(true)
    await expectAgreement(w, tidy)
  })

  it('revokes a key whose client another program deleted', async () => {
    const w = scenario()
    const { access } = w.process()
    const made = await access.createKey(alice, reading)
    w.clock.jump(1)
    w.pool.clients.delete(made.key.clientId)
    expect(await access.sweep()).toEqual({ settled: 0, orphans: 0, missing: 1, deferred: 0 })
    expect(await access.getKey(alice.userId, made.key.id)).toMatchObject({
      status: 'revoked',
      reason: 'client missing',
    })
    await expectAgreement(w, access)
  })

  it('leaves alone a key that is being made, and goes through pages', async () => {
    const w = scenario(10)
    const { access } = w.process()
    const users = Array.from({ length: 13 }, (_, index) => ({
      ...alice,
      userId: `user ${index}`,
      username: `user ${index}`,
    }))
    for (const user of users) {
      for (let key = 0; key < 10; key++) await access.createKey(user, reading)
    }
    const sweeping = async (): Promise<void> => {
      const report = await w.process().access.sweep()
      expect(report).toEqual({ settled: 0, orphans: 0, missing: 0, deferred: 0 })
    }
    const { steps } = await interrupted(operations[0]!)
    for (let at = 0; at < steps; at++) {
      const user = { ...alice, userId: `last ${at}`, username: `last ${at}` }
      await w.process({ at, what: sweeping }).access.createKey(user, reading)
    }
    await sweeping()
    expect(w.pool.clients.size).toBe(3 + 130 + steps)
  })

  it('takes its second look after a rotation that died, whichever step of that look is the last', async () => {
    const rotating = operations[1]!
    const { steps } = await interrupted(rotating)
    let diedLooking = 0
    for (let at = 0; at < steps; at++) {
      for (let diesAt = 0, died = true; died; diesAt++) {
        const one = await interrupted(rotating, [{ at, what: 'dies after' }])
        const rowOf = () => one.w.store.key(idOf(one.made))
        one.w.clock.jump(120_000)
        await one.w.process().access.sweep()
        if ((await rowOf())?.recheckAt === undefined) break
        one.w.clock.jump(120_000)
        const dying = one.w.process({ at: diesAt, what: 'dies after' })
        await dying.access.sweep().catch(() => {})
        died = dying.steps() > diesAt
        if ((await rowOf())?.rotation) diedLooking++
        await expectTidied(rotating, one)
      }
    }
    expect(diedLooking).toBeGreaterThan(0)
  })

  it('goes on past what it cannot do, and says so', async () => {
    const w = scenario()
    const { access } = w.process()
    const keys = [await make(access), await make(access), await make(access)]
    w.clock.jump(1)
    const failing: typeof fetch = async (input, init) => {
      const target = new Headers(init?.headers).get('x-amz-target') ?? ''
      const body = typeof init?.body === 'string' ? init.body : ''
      const fails = target.endsWith('DeleteUserPoolClient') && body.includes(keys[1]!.key.clientId)
      return fails ? new Response('{}', { status: 500 }) : w.pool.fetch(input, init)
    }
    const deferred: unknown[] = []
    const limping = createDeveloperAccess({
      issuer: cognitoIssuer({ userPoolId, fetch: failing, clock: w.clock }),
      store: w.store,
      clock: w.clock,
      onDeferred: (_error, keyId) => void deferred.push(keyId),
    })
    for (const { key } of keys) await limping.revokeKey(alice.userId, key.id)
    expect(deferred).toEqual([keys[1]?.key.id])
    // Once as a key that is due, once as a client that has no key.
    expect(await limping.sweep()).toEqual({ settled: 0, orphans: 0, missing: 0, deferred: 2 })
    expect(await access.sweep()).toEqual({ settled: 1, orphans: 1, missing: 0, deferred: 0 })
    await expectAgreement(w, access)
  })
})

import { expect } from 'vitest'
import type { DeveloperAccess, ShownKey } from '../src/index.ts'
import type { FakePool } from './fake-pool.ts'
import { alice, reading, secretOf } from './fixtures.ts'
import type { InterruptedStep } from './interruptions.ts'
import { expectAgreement, scenario, type Scenario } from './scenario.ts'

/** What a user does, starting from a key that is there; and what has to hold if the answer was that it is done. */
export interface Operation {
  name: string
  before?: (access: DeveloperAccess, scenario: Scenario) => Promise<ShownKey | undefined>
  act: (access: DeveloperAccess, made: ShownKey | undefined) => Promise<unknown>
  held?: (scenario: Scenario, made: ShownKey | undefined, answer: unknown) => void
}

/** The ID of a key that was made, or none. */
export const idOf = (made: ShownKey | undefined): string => made?.key.id ?? ''
/** Whether the pool takes a secret as it was shown. */
export const takes = (pool: FakePool, clientId: string | undefined, shown: unknown): boolean =>
  pool.takes(clientId ?? '', secretOf(Object(shown)))
/** Creates a key. */
export const make = (access: DeveloperAccess): Promise<ShownKey> => access.createKey(alice, reading)

/** Whatever a user does with keys, and a sweep. */
export const operations: Operation[] = [
  {
    name: 'making a key',
    act: (access) => access.createKey(alice, reading, { idempotencyKey: 'once' }),
    held: ({ pool }, _made, answer) => {
      expect(takes(pool, Object(answer).key.clientId, answer)).toBe(true)
    },
  },
  {
    name: 'rotating with grace',
    before: make,
    act: (access, made) => access.rotateKey(alice, idOf(made), { graceSeconds: 86_400 }),
    held: ({ pool }, made, answer) => {
      expect(takes(pool, made?.key.clientId, answer)).toBe(true)
      expect(takes(pool, made?.key.clientId, made)).toBe(true)
    },
  },
  {
    name: 'rotating without grace',
    before: make,
    act: (access, made) => access.rotateKey(alice, idOf(made), { graceSeconds: 0 }),
    held: ({ pool }, made, answer) => {
      expect(takes(pool, made?.key.clientId, answer)).toBe(true)
      expect(takes(pool, made?.key.clientId, made)).toBe(false)
    },
  },
  {
    name: 'cutting a grace short',
    before: async (access) => {
      const made = await make(access)
      return access.rotateKey(alice, made.key.id, { graceSeconds: 86_400 })
    },
    act: (access, made) => access.rotateKey(alice, idOf(made), { graceSeconds: 0 }),
    held: ({ pool }, made, answer) => {
      expect(takes(pool, made?.key.clientId, answer)).toBe(true)
      expect(takes(pool, made?.key.clientId, made)).toBe(false)
    },
  },
  {
    name: 'changing the scopes',
    before: make,
    act: (access, made) => access.patchKey(alice, idOf(made), { scopes: ['notes/write'] }),
    held: ({ pool }, made) => {
      expect(pool.clients.get(made?.key.clientId ?? '')?.scopes).toEqual(['notes/write'])
    },
  },
  {
    name: 'revoking',
    before: make,
    act: (access, made) => access.revokeKey(alice.userId, idOf(made)),
    held: ({ pool }, made) => expect(pool.clients.has(made?.key.clientId ?? '')).toBe(false),
  },
  {
    name: 'sweeping what has ended',
    before: async (access, { clock }) => {
      await access.createKey(alice, { ...reading, expiresInSeconds: 60 })
      const made = await make(access)
      const rotated = await access.rotateKey(alice, made.key.id, { graceSeconds: 60 })
      clock.jump(60_000)
      return rotated
    },
    act: (access) => access.sweep(),
    held: ({ pool }, made) => {
      expect(pool.clients.get(made?.key.clientId ?? '')?.secrets).toHaveLength(1)
    },
  },
]

/** What may happen to any step. */
export const interruptions = ['fails', 'lost', 'dies before', 'dies after'] as const

/** A operation that was done, or came to nothing. */
export interface Attempt {
  w: Scenario
  made: ShownKey | undefined
  answer: { value: unknown } | undefined
  /** How many there were. */
  steps: number
}

/** Starts again, and interrupts a step of an operation. */
export async function interrupted(
  operation: Operation,
  interruptedSteps: InterruptedStep[] = [],
  w: Scenario = scenario(),
): Promise<Attempt> {
  const made = await operation.before?.(w.process().access, w)
  const { access, steps } = w.process(...interruptedSteps)
  const answer = await operation.act(access, made).then(
    (value) => ({ value }),
    () => undefined,
  )
  return { w, made, answer, steps: steps() }
}

/** What has to be true once a sweeper came by, whatever happened before. */
export async function expectTidied(
  operation: Operation,
  { w, made, answer }: Attempt,
): Promise<void> {
  w.clock.jump(120_000)
  const { access } = w.process()
  await access.sweep()
  if (answer) operation.held?.(w, made, answer.value)
  await expectAgreement(w, access)
}

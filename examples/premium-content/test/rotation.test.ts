import { memoryStore, type MachineTokenEvent } from '@iamfetch/machine'
import { fixedClock } from '@iamfetch/testing'
import { afterEach, expect, test } from 'vitest'
import { administer } from '../administer.ts'
import { createConsumer, type Consumer } from '../consumer.ts'
import { startPremiumContent, type PremiumContent } from '../start.ts'

let premium: PremiumContent | undefined
afterEach(() => premium?.stop())

const ROUNDS = 24

test('a rotation with two secrets under load fails no call, be the consumer old or just started', async () => {
  premium = await startPremiumContent({ clock: fixedClock() })
  const { stack, optionsFor } = premium
  const { addSecret, storeSecret, listSecrets, deleteSecret } = administer(premium, 'acme')
  const events: MachineTokenEvent[] = []
  // Each with a store of its own, so that each has to mint, as so many containers.
  const start = (): Consumer =>
    createConsumer({
      ...optionsFor('acme'),
      store: memoryStore(),
      onEvent: (event) => void events.push(event),
    })
  const old = Array.from({ length: 4 }, start)

  const oldSecrets = await listSecrets()
  let added = { id: '', value: '' }
  const steps: Record<number, () => Promise<void>> = {
    6: async () => void (added = await addSecret()),
    12: () => storeSecret(added.value),
    18: () => deleteSecret(oldSecrets[0]!),
  }
  const answers: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    // The step happens while the round's calls are under way.
    const step = steps[round]?.()
    const calls = [...old, start(), start()].map(async ({ tokens, authorizedRead }) => {
      // Another token than the one held: without it the consumers that are up would not ask for any.
      await tokens.read({ forceRefresh: true })
      answers.push((await authorizedRead()).statusCode)
    })
    await Promise.all([...calls, step])
  }
  expect(answers).toEqual(Array.from({ length: ROUNDS * 6 }, () => 200))
  expect(await listSecrets()).toEqual([added.id])
  // Old consumers met the refusal and got over it; the load was real.
  const refused = events.filter((event) => event.type === 'refused')
  expect(refused.length).toBeGreaterThanOrEqual(old.length)
  expect(refused.every((event) => event.code === 'INVALID_CLIENT')).toBe(true)
  expect(stack.tokensMinted('acme')).toBeGreaterThanOrEqual(ROUNDS * 6)
})

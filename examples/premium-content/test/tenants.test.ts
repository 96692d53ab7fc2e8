import { memoryStore } from '@iamfetch/machine'
import { fixedClock } from '@iamfetch/testing'
import * as fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tenantNames, tenants, type Tenant } from '../access.ts'
import { createConsumer, type Consumer } from '../consumer.ts'
import { startPremiumContent, type PremiumContent } from '../start.ts'

const clock = fixedClock()
let premium: PremiumContent
beforeAll(async () => {
  premium = await startPremiumContent({ clock })
})
afterAll(() => premium.stop())

/** Every scope that some tenant has. */
const works = tenantNames.flatMap((tenant) => tenants[tenant].map((scope) => ({ tenant, scope })))

test('a tenant never gets the token of another, in whatever order and with one store for all', async () => {
  const store = memoryStore({ clock })
  let given = 0
  const batch = fc.array(fc.constantFrom(...works), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 3 }),
      // Nothing, or a token's whole life: no renewal is under way when the time moves.
      fc.constantFrom(0, 3_600),
      async (batches, seconds) => {
        const consumers = new Map<Tenant, Consumer>()
        for (const tenant of tenantNames) {
          consumers.set(tenant, createConsumer({ ...premium.optionsFor(tenant), store }))
        }
        for (const asked of batches) {
          await Promise.all(
            asked.map(async ({ tenant, scope }) => {
              const { tokens } = consumers.get(tenant)!
              const token = await (scope === 'premium/read' ? tokens.read : tokens.write)()
              given++
              const claims = decodeJwt(token)
              const { clientId } = premium.stack.appClients[tenant]
              expect(claims).toMatchObject({ sub: clientId, client_id: clientId, scope })
              expect(claims.exp).toBeGreaterThan(clock.now() / 1_000)
            }),
          )
          await clock.advance(seconds * 1_000)
        }
      },
    ),
    { numRuns: 30 },
  )
  // It was not for want of sharing.
  const minted = premium.stack.faults.calls('oauth2/token')
  expect(minted).toBeGreaterThanOrEqual(works.length)
  expect(minted).toBeLessThan(given / 2)
})

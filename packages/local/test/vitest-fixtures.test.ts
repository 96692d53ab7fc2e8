// oxlint-disable vitest/no-standalone-expect -- the rule does not know tests that are made with `stackTest`
import { expect, describe } from 'vitest'
import { defineStack, startLocalStack, type LocalStack } from '../src/index.ts'
import { stackTest } from '../src/vitest.ts'

const mayCall = (route: string) => ({
  Version: '2012-10-17' as const,
  Statement: {
    Effect: 'Allow' as const,
    Action: 'execute-api:Invoke',
    Resource: `arn:aws:execute-api:REGION:ACCOUNT_ID:*/*/${route}`,
  },
})

const handler = () => ({ statusCode: 200, body: 'ok' })

const definition = defineStack({
  groups: { Writers: { policy: mayCall('*') }, Readers: { policy: mayCall('GET/*') } },
  users: { alice: { groups: ['Writers'] }, bob: { groups: ['Readers'] } },
  apis: {
    notes: {
      type: 'http',
      routes: { 'GET /notes': { auth: 'iam', handler }, 'POST /notes': { auth: 'iam', handler } },
    },
    files: { type: 'rest', routes: { 'GET /files': { auth: 'iam', handler } } },
  },
})

let started = 0
const test = stackTest(definition, {
  start: (options) => {
    started += 1
    return startLocalStack(definition, options)
  },
})

describe('a test with its own stack', () => {
  let seen: LocalStack

  test('alice may write and bob may not', async ({ as, stack }) => {
    seen = stack
    const [alice, bob] = [await as('alice'), await as('bob')]
    expect((await alice.fetch('/notes', { method: 'POST', body: '{}' })).status).toBe(200)
    expect((await bob.fetch('/notes', { method: 'POST', body: '{}' })).status).toBe(403)
    expect((await bob.fetchFrom('files')('/files')).status).toBe(200)
    stack.faults.next('GET /notes', 'throttle')
  })

  test('tests of a file share the stack, and faults that were ordered before are withdrawn', async ({
    as,
    stack,
  }) => {
    expect(stack).toBe(seen)
    const alice = await as('alice')
    expect((await alice.fetch('/notes')).status).toBe(200)
    expect(stack.faults.calls('GET /notes')).toBe(1)
  })

  test('an API that the definition does not have is an error that lists its APIs', async ({
    as,
  }) => {
    const alice = await as('alice')
    // @ts-expect-error -- the compiler refuses it, too
    expect(() => alice.fetchFrom('other')).toThrow(
      'The definition has no API or function URL "other"; it has notes, files.',
    )
  })

  test('moves the clock, bob and a route', async ({ as, faults, stack }) => {
    faults.shiftClock(3_600_000)
    faults.setGroups('bob', ['Writers'])
    const bob = await as('bob')
    expect((await bob.fetch('/notes', { method: 'POST', body: '{}' })).status).toBe(200)
    expect(stack.faults.clock.now() - Date.now()).toBeGreaterThan(3_590_000)
    faults.next('GET /notes', { fault: 'throttle', times: 9 })
  })

  test('and the next one finds the clock, bob and the route as the definition has them', async ({
    as,
    faults,
  }) => {
    expect(Math.abs(faults.clock.now() - Date.now())).toBeLessThan(10_000)
    const bob = await as('bob')
    expect((await bob.fetch('/notes', { method: 'POST', body: '{}' })).status).toBe(403)
    expect((await bob.fetch('/notes')).status).toBe(200)
    expect(started).toBe(1)
  })
})

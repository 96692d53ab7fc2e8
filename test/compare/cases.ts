import type { Client } from './clients.ts'
import type { World } from './world.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const EXCHANGE = 'GetCredentialsForIdentity'

/** A bad day in one line, what a user would want, and what happened instead of words. */
export interface Case {
  name: string
  /** A client that does this is fine. */
  wanted: string
  run(client: Client, world: World): Promise<string>
}

const many = async (count: number, call: () => Promise<string>): Promise<string> => {
  const answers = await Promise.all(Array.from({ length: count }, call))
  return tally(answers)
}
const oneByOne = async (count: number, call: () => Promise<string>): Promise<string> => {
  const answers: string[] = []
  for (let i = 0; i < count; i++) answers.push(await call())
  return tally(answers)
}
const tally = (answers: readonly string[]): string =>
  [...new Set(answers)]
    .map((one) => `${answers.filter((other) => other === one).length}× ${one}`)
    .join(', ')

const skewed = (name: string, ms: number): Case[] =>
  (['http', 'rest'] as const).map((api) => ({
    name: `clock ${name}, ${api.toUpperCase()} API: 5 calls`,
    wanted: '5× 200, one exchange',
    async run(client, { moveLaptop }) {
      moveLaptop(ms)
      await client.signIn('alice')
      return oneByOne(5, () => client.call('GET', api))
    },
  }))

/** Each begins without a signed-in user and without cached credentials. Counts are of calls that reached the stack, from the sign-in on. */
export const cases: readonly Case[] = [
  {
    name: '10 cold calls at once',
    wanted: '10× 200, one exchange',
    async run(client) {
      await client.signIn('alice')
      return many(10, () => client.call('GET'))
    },
  },
  {
    name: 'identity deleted, session over: 3 calls',
    wanted: '3× 200',
    async run(client, { faults, sleep }) {
      await client.signIn('alice')
      await client.call('GET')
      faults.deleteIdentity((await client.identityId()) ?? '')
      faults.reset()
      sleep(2 * HOUR)
      return oneByOne(3, () => client.call('GET'))
    },
  },
  {
    name: 'Cognito fails while the session has 3 minutes left: 3 calls',
    wanted: '3× 200',
    async run(client, { faults, sleep }) {
      await client.signIn('alice')
      await client.call('GET')
      faults.reset()
      sleep(57 * MINUTE)
      const order = faults.next(EXCHANGE, { fault: 'fail', times: 100 })
      const answers = await oneByOne(3, () => client.call('GET'))
      order.release()
      return answers
    },
  },
  {
    name: 'sign-out during an exchange, then another user posts',
    wanted: '403, as the other may not',
    async run(client, { faults }) {
      if (!client.signOut) return 'no sign-out'
      await client.signIn('alice')
      const order = faults.next(EXCHANGE, 'hang')
      const before = client.call('GET')
      await order.met
      await client.signOut()
      await client.signIn('bob')
      order.release()
      await before
      return client.call('POST')
    },
  },
  ...skewed('2 h slow', -2 * HOUR),
  ...skewed('56 min fast', 56 * MINUTE),
  ...skewed('2 h fast', 2 * HOUR),
  {
    name: 'asleep for 3 hours: 5 calls at once',
    wanted: '5× 200, one exchange',
    async run(client, { faults, sleep }) {
      await client.signIn('alice')
      await client.call('GET')
      faults.reset()
      sleep(3 * HOUR)
      return many(5, () => client.call('GET'))
    },
  },
  {
    name: 'the role does not trust the pool',
    wanted: 'an error that says so, nothing sent to the API',
    async run(client, { faults }) {
      await client.signIn('alice')
      const message = 'Invalid identity pool configuration. Check assigned IAM roles for this pool.'
      const refusal = { type: 'InvalidIdentityPoolConfigurationException', message }
      faults.next(EXCHANGE, { fault: 'refuse', times: 100, refusal })
      return client.call('GET', 'rest')
    },
  },
  {
    name: 'GetId throttled twice',
    wanted: '200',
    async run(client, { faults }) {
      await client.signIn('alice')
      faults.next('GetId', { fault: 'throttle', times: 2 })
      return client.call('GET')
    },
  },
  {
    name: 'GetId above an account limit',
    wanted: 'an error after one GetId',
    async run(client, { faults }) {
      await client.signIn('alice')
      const refusal = { type: 'LimitExceededException', message: 'You have exceeded a limit.' }
      faults.next('GetId', { fault: 'refuse', times: 100, refusal })
      return client.call('GET')
    },
  },
  {
    name: 'session ended by AWS, REST API',
    wanted: '200 after one replay',
    async run(client, { faults }) {
      await client.signIn('alice')
      await client.call('POST', 'rest')
      faults.reset()
      faults.expireSession((await client.accessKeyId()) ?? '')
      return client.call('POST', 'rest')
    },
  },
  {
    name: 'a POST is answered with 500',
    wanted: '500 after one call',
    async run(client, { faults }) {
      await client.signIn('alice')
      await client.call('GET')
      faults.reset()
      for (const route of ['ANY /test', 'ANY /@connections/{id}'])
        faults.next(route, { fault: 'fail', times: 100 })
      return client.call('POST')
    },
  },
]

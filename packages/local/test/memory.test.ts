import { afterEach, expect, it } from 'vitest'
import { defineStack, startLocalStack, type LocalStack, type StartOptions } from '../src/index.ts'
import { signInAt } from './support/cli-user.ts'

const running: LocalStack[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((stack) => stack.stop()))
})
const start = async (
  definition: Parameters<typeof startLocalStack>[0],
  options?: StartOptions,
): Promise<LocalStack> => {
  const stack = await startLocalStack(definition, options)
  running.push(stack)
  return stack
}

const policy = {
  Version: '2012-10-17' as const,
  Statement: [
    {
      Effect: 'Allow' as const,
      Action: 'execute-api:Invoke',
      Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/notes',
    },
  ],
}
const apis = {
  notes: {
    type: 'http' as const,
    routes: { 'GET /notes': { auth: 'iam' as const, handler: async () => 'fine' } },
  },
}
const definition = defineStack({
  groups: { Readers: { policy } },
  users: { alice: { groups: ['Readers'] }, bob: { groups: ['Readers'] } },
  roles: { consumer: { policy } },
  resourceServers: { notes: ['read'] },
  appClients: { reader: { scopes: ['notes/read'] } },
  apis,
})

/** Puts a stack in the place of another, at the same port of its API. */
async function replace(
  first: LocalStack,
  next: Parameters<typeof startLocalStack>[0],
): Promise<LocalStack> {
  const memory = await first.remember()
  await first.stop()
  const port = Number(new URL(first.config.apis['notes']!.url).port)
  return start(next, { memory, ports: { apis: { notes: port } } })
}

it('a stack that remembers another one has its names, secrets and sessions', async () => {
  const first = await start(definition)
  const alice = await signInAt(first, 'alice')
  const second = await replace(first, definition)
  const told = ({ users, appClients, roles, admin }: LocalStack): object => ({
    users,
    appClients,
    roles,
    admin,
  })
  expect(told(second)).toEqual(told(first))
  expect({ ...second.config, endpoints: {} }).toEqual({ ...first.config, endpoints: {} })
  expect(await alice.call('GET')).toBe(200)
})

it('users that were removed from the definition do not exist any more, nor do the sessions of a removed role', async () => {
  const first = await start(definition)
  const alice = await signInAt(first, 'alice')
  const second = await replace(first, { ...definition, groups: {}, users: { bob: {} } })
  expect(Object.keys(second.users)).toEqual(['bob'])
  expect(second.users['bob']).toEqual(first.users['bob'])
  expect(await alice.call('GET')).toBe(403)
})

it('a password of the definition comes before the one that was made', async () => {
  const first = await start(definition)
  const users = { alice: { groups: ['Readers'], password: 'Correct-horse-1' } }
  const second = await replace(first, { ...definition, users })
  expect(second.users['alice']).toMatchObject({
    password: 'Correct-horse-1',
    sub: first.users['alice']!.sub,
  })
})

it('what was known in another region or account is of no use', async () => {
  const first = await start(definition)
  for (const elsewhere of [{ region: 'us-east-1' }, { accountId: '210987654321' }]) {
    const memory = await first.remember()
    const second = await start({ ...definition, ...elsewhere }, { memory })
    expect(second.users['alice']!.sub).not.toBe(first.users['alice']!.sub)
    expect(second.config.identityPoolId).not.toBe(first.config.identityPoolId)
  }
})

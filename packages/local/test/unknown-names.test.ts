import { describe, expect, it } from 'vitest'
import { createFaults, checkDefinition, evaluate, startLocalStack } from '../src/index.ts'

const handler = (): unknown => ({})
const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
}
const trust = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRoleWithWebIdentity' },
}
const role = { policy, trust, roleName: 'R' }

/** Every object of a definition whose members have fixed names, by its path. */
const definition: Record<string, unknown> = {
  region: 'eu-central-1',
  groups: { G: { ...role, roleName: 'G', precedence: 1 } },
  users: { alice: { groups: ['G'], email: 'a@example.com', attributes: {} } },
  identityPool: {
    roleMapping: 'token',
    authenticatedRole: { ...role, roleName: 'A' },
    unauthenticatedRole: { ...role, roleName: 'U' },
  },
  hostedUi: { callbackUrls: ['http://localhost/'] },
  resourceServers: { notes: ['read'] },
  appClients: { reader: { scopes: ['notes/read'] } },
  roles: { service: { policy, roleName: 'S' } },
  apis: {
    http: {
      type: 'http',
      cors: { allowOrigins: ['*'] },
      routes: { 'GET /a': { auth: 'jwt', scopes: ['notes/read'], handler } },
    },
    rest: { type: 'rest', routes: { 'GET /a': { auth: 'iam', handler } } },
    socket: { type: 'websocket', routes: { $connect: { auth: 'iam', handler } } },
  },
}

/** Objects whose members are names that the definition chooses. */
const BY_NAME =
  /^(groups|users|resourceServers|appClients|roles|apis|users\.\w+\.attributes|apis\.\w+\.routes)$/

/** Every path of an object whose members have fixed names. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.entries(value).flatMap(([name, one]) => pathsOf(one, [...path, name]))
  const own = Array.isArray(value) || BY_NAME.test(path.join('.')) ? [] : [path]
  return [...own, ...inside]
}

/** A copy of the definition with one more member at a path. */
function withMember(value: unknown, [next, ...rest]: string[]): unknown {
  if (next === undefined) return { ...Object(value), misspelt: 1 }
  if (Array.isArray(value))
    return value.map((one, i) => (String(i) === next ? withMember(one, rest) : one))
  const record: Record<string, unknown> = Object(value)
  return { ...record, [next]: withMember(record[next], rest) }
}

describe('an unknown member of the definition', () => {
  const paths = pathsOf(definition)
  it('is looked for in every object of it', () => {
    expect(() => checkDefinition(definition as never)).not.toThrow()
    expect(paths.length).toBeGreaterThanOrEqual(24)
  })

  it.each(paths.map((path) => [path.join('.') || 'the definition', path] as const))(
    'is an error: %s',
    (_, path) => {
      const check = (): unknown => checkDefinition(withMember(definition, path) as never)
      expect(check).toThrow(/^defineStack: ".*\bmisspelt" is not known; known here: /)
      expect(check).toThrow(expect.objectContaining({ name: 'TypeError', code: 'INVALID_OPTION' }))
    },
  )
})

describe('an unknown option', () => {
  const faults = createFaults()
  const calls: [where: string, call: (more: object) => unknown, path: string][] = [
    ['startLocalStack', (more) => startLocalStack({}, more), 'misspelt'],
    ['startLocalStack', (more) => startLocalStack({}, { ports: more }), 'ports.misspelt'],
    ['createFaults', (more) => createFaults(more), 'misspelt'],
    ['faults.next', (more) => faults.next('GetId', { fault: 'fail', ...more }), 'misspelt'],
    [
      'faults.next',
      (more) =>
        faults.next('GetId', { fault: 'refuse', refusal: { type: 'T', message: 'm', ...more } }),
      'refusal.misspelt',
    ],
  ]
  it.each(calls)('of %s is an error', async (where, call, path) => {
    const error = await Promise.resolve()
      .then(() => call({ misspelt: 1 }))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'TypeError', code: 'INVALID_OPTION' })
    expect(String(error)).toContain(`${where}: "${path}" is not an option; the options are `)
  })

  it('of evaluate is an error', () => {
    const request = { action: 'execute-api:Invoke', resource: '*', resuorce: 'x' }
    expect(() => evaluate(policy as never, request)).toThrow('"request.resuorce" is not known')
  })

  it('that is inherited is an error, too', () => {
    const options: object = Object.create({ alowedHosts: ['x'] })
    return expect(startLocalStack({}, options)).rejects.toThrow('"alowedHosts" is not an option')
  })
})

describe('a fault', () => {
  it('of a kind that does not exist is an error', () => {
    const next = (order: unknown) => (): unknown => createFaults().next('GetId', order as never)
    expect(next('thorttle')).toThrow('"fault" must be one of throttle, refuse, fail')
    expect(next({ fault: 'slow', delayMs: -1 })).toThrow('"delayMs" must be 0 or more, got -1')
  })
})

describe('a condition on the logins of an identity', () => {
  it.each(['StringEquals', 'StringNotLike', 'StringEqualsIfExists'])(
    'without a set prefix is an error, because AWS never meets it: %s',
    (operator) => {
      const Condition = { [operator]: { 'cognito-identity.amazonaws.com:AMR': 'authenticated' } }
      const Statement = { ...trust.Statement, Condition }
      const group = { policy, trust: { ...trust, Statement } }
      expect(() => checkDefinition({ groups: { G: group } } as never)).toThrow(
        `defineStack: "groups.G.trust.Statement.Condition.${operator}['cognito-identity.amazonaws.com:AMR']" needs a set prefix, because the key has several values; write "ForAnyValue:${operator}"`,
      )
    },
  )

  it('is checked in the resource policy of an API, too', () => {
    const resourcePolicy = {
      Statement: {
        Effect: 'Deny',
        Principal: '*',
        Action: '*',
        Resource: 'execute-api:/*',
        Condition: { StringEquals: { 'cognito-identity.amazonaws.com:amr': 'unauthenticated' } },
      },
    }
    const routes = { 'GET /': { auth: 'iam', handler: () => ({}) } }
    const wrong = { apis: { notes: { type: 'rest', routes, resourcePolicy } } }
    expect(() => checkDefinition(wrong as never)).toThrow(
      'apis.notes.resourcePolicy.Statement.Condition.StringEquals',
    )
  })
})

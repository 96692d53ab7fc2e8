import {
  AdminInitiateAuthCommand,
  CreateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { fixedClock } from '@iamfetch/testing'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFaults, startLocalStack, type Faults, type LocalStack } from '../../src/index.ts'
import { cognitoClient } from '../support/cognito-client.ts'
import { authorizers, type AuthorizerFact, type Shown } from './authorizers.ts'

const PASSWORD = 'Correct-horse-1'
const handler = (): unknown => ({ statusCode: 200 })
const routes = {
  'GET /iam': { auth: 'iam', handler },
  'GET /token': { auth: 'jwt', handler },
  'GET /scoped': { auth: 'jwt', scopes: ['premium/read'], handler },
  'GET /slow': { auth: 'none', handler: () => new Promise<never>(() => {}) },
} as const

let faults: Faults
let stack: LocalStack
beforeAll(async () => {
  const clock = fixedClock(Date.now())
  // What takes 30 s on AWS takes no time here.
  const sleep = (ms: number): Promise<void> => clock.advance(ms)
  faults = createFaults({ clock: { now: () => clock.now(), sleep } })
  const cors = { allowOrigins: ['*'] }
  stack = await startLocalStack(
    {
      users: { alice: { password: PASSWORD } },
      resourceServers: { premium: ['read'] },
      apis: { http: { type: 'http', routes }, rest: { type: 'rest', cors, routes } },
    },
    { faults },
  )
})
afterAll(() => stack.stop())

/** An access token of an app client that was made after the APIs. */
async function tokenOfAnotherClient(): Promise<string> {
  const admin = cognitoClient(stack, stack.admin)
  const UserPoolId = stack.config.userPoolId
  const { UserPoolClient } = await admin.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'other',
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
    }),
  )
  const { AuthenticationResult } = await admin.send(
    new AdminInitiateAuthCommand({
      UserPoolId,
      ClientId: UserPoolClient?.ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'alice', PASSWORD },
    }),
  )
  return AuthenticationResult?.AccessToken ?? ''
}

/** A JWT with another header, which the key of the user pool did not sign. */
async function withAlgorithm(alg: string): Promise<string> {
  const [head = '', ...rest] = (await stack.signIn('alice')).idToken.split('.')
  const header: object = JSON.parse(Buffer.from(head, 'base64url').toString())
  const changed = Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url')
  return [changed, ...rest].join('.')
}

/** The time is that of the stack, which goes on by two hours for one call. */
const LATER_MS: Partial<Record<Shown, number>> = { 'an expired ID token': 7_200_000 }

const TOKENS: Partial<Record<Shown, () => Promise<string>>> = {
  'an ID token': async () => (await stack.signIn('alice')).idToken,
  'an expired ID token': async () => (await stack.signIn('alice')).idToken,
  'a token of another client': tokenOfAnotherClient,
  'a token with ES256': () => withAlgorithm('ES256'),
  'a token without the scope': async () => (await stack.signIn('alice')).accessToken,
}

async function send({ api, path, method = 'GET', shows = 'nothing' }: AuthorizerFact) {
  const url = `${stack.config.apis[api]?.url}${path}`
  if (shows === 'an unknown key') {
    const { region } = stack.config
    const key = { accessKeyId: 'ASIAUNKNOWNUNKNOWN00', secretAccessKey: 'x', sessionToken: 'x' }
    return new AwsClient({ ...key, region, service: 'execute-api', retries: 0 }).fetch(url)
  }
  const token = await TOKENS[shows]?.()
  const laterMs = LATER_MS[shows] ?? 0
  faults.shiftClock(laterMs)
  const preflight = { origin: 'https://app.example', 'access-control-request-method': 'GET' }
  const call = fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method === 'OPTIONS' && preflight),
    },
  })
  return call.finally(() => faults.shiftClock(-laterMs))
}

describe('recorded on AWS: authorizers and quotas', () => {
  it.each(authorizers.map((fact) => [fact.fact, fact] as const))('%s', async (_, fact) => {
    const { status, body, headers = {} } = fact.response
    if (fact.throttled) faults.next(`${fact.method ?? 'GET'} ${fact.path}`, 'throttle')
    const received = await send(fact)
    const text = await received.text()
    expect([received.status, text]).toEqual([status, body ?? text])
    for (const [name, value] of Object.entries(headers)) {
      expect(received.headers.get(name)).toBe(value)
    }
  })

  it('an algorithm that is not a name is not repeated in a header', async () => {
    const token = await withAlgorithm('x", error="other')
    const url = `${stack.config.apis['http']?.url}/token`
    const received = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    expect(received.headers.get('www-authenticate')).toBe(
      'Bearer scope="" error="invalid_token" error_description="the token is invalid"',
    )
  })
})

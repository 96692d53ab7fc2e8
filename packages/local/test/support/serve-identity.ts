import { expect } from 'vitest'
import { serve, type ServerType } from '@hono/node-server'
import type { PolicyDocument } from '@iamfetch/policy'
import type { StackDefinition } from '../../src/definition/definition.ts'
import { createFaults, type Clock, type Faults } from '../../src/faults/faults.ts'
import { createCognito, type Cognito } from '../../src/cognito.ts'

/** An identity half of a stack that listens. */
export interface Served {
  identity: Cognito
  faults: Faults
  url: string
  stop(): Promise<void>
}

const policy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: ['arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/test'],
    },
  ],
}

/** The scenario of the example, and people for the corners of role mapping. */
export const people: StackDefinition = {
  groups: {
    FullAccess: { precedence: 1, policy },
    ReadOnlyAccess: { precedence: 2, policy },
    Peer: { precedence: 2, policy },
    Unranked: { policy },
  },
  users: {
    alice: { groups: ['FullAccess'], email: 'alice@example.com', attributes: { locale: 'de' } },
    bob: { groups: ['ReadOnlyAccess'], password: 'Correct-horse-1' },
    carol: { groups: ['ReadOnlyAccess', 'FullAccess'] },
    torn: { groups: ['ReadOnlyAccess', 'Peer'] },
    unranked: { groups: ['Unranked'] },
    nobody: {},
  },
}

/** Creates Cognito's part of a stack without a server. */
export function makeIdentity(
  definition: StackDefinition = people,
  options: { clock?: Clock } = {},
): { identity: Cognito; faults: Faults } {
  const faults = createFaults(options)
  const identity = createCognito({ definition, apiIds: { test: 'a1b2c3d4e5' }, faults })
  return { identity, faults }
}

/** Creates Cognito's part of a stack, which listens on a free port of the loopback interface. */
export async function serveIdentity(
  definition: StackDefinition = people,
  options: { clock?: Clock } = {},
): Promise<Served> {
  const made = makeIdentity(definition, options)
  const server = await new Promise<ServerType>((resolve) => {
    const listening: ServerType = serve(
      { fetch: made.identity.app.fetch, port: 0, hostname: '127.0.0.1' },
      () => resolve(listening),
    )
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new TypeError('the server listens on no port')
  return {
    ...made,
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

/** An answer of the JSON API. */
export interface Answer {
  status: number
  headers: Headers
  // The tests compare it as a whole.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

/** Calls an operation as a client does, over the wire. */
export async function call(url: string, operation: string, body: unknown): Promise<Answer> {
  const service = /^Get(Id|CredentialsForIdentity|OpenIdToken)$/.test(operation)
    ? 'AWSCognitoIdentityService'
    : 'AWSCognitoIdentityProviderService'
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${service}.${operation}`,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** What a refusal looks like on the wire: the body, and the same in the headers. */
export async function refusalOf(answer: Promise<Answer>): Promise<[type: string, message: string]> {
  const { status, headers, body } = await answer
  const { __type: type, message } = body
  expect(status).toBe(400)
  expect(headers.get('content-type')).toBe('application/x-amz-json-1.1')
  expect(headers.get('x-amzn-errortype')).toBe(`${type}:`)
  expect(headers.get('x-amzn-errormessage')).toBe(message)
  expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
  expect(headers.get('access-control-allow-origin')).toBe('*')
  return [type, message]
}

/** The tokens of a user who signs in with a password. */
export interface Tokens {
  IdToken: string
  AccessToken: string
  RefreshToken: string
}

/** Signs a user of the definition in. */
export async function signedIn({ identity, url }: Served, name: string): Promise<Tokens> {
  const { username, password } = identity.users[name]!
  const { body } = await call(url, 'InitiateAuth', {
    ClientId: identity.ids.userPoolClientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME: username, PASSWORD: password },
  })
  return body.AuthenticationResult
}

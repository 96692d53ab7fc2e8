import { cognitoCredentials, type CognitoCredentials } from '@iamfetch/cognito'
import { defineStack, startLocalStack, type LocalStack } from '@iamfetch/local'
import { createIamFetch, createSigner, type IamFetchOptions } from 'iamfetch'
import { withIdToken } from 'iamfetch/id-token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import { identityHeader, withCaller, type Caller } from '../src/index.ts'

type Lambda = (event: unknown, context: unknown) => Promise<unknown>
let handler: Lambda
const invoke: Lambda = (event, context) => handler(event, context)
const auths = ['iam', 'jwt', 'none'] as const
const routes = Object.fromEntries(
  auths.map((auth) => [`GET /${auth}`, { auth, handler: invoke }] as const),
)
const policy = {
  Statement: {
    Effect: 'Allow' as const,
    Action: 'execute-api:Invoke',
    Resource: [
      'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_http/*',
      'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_rest/*',
    ],
  },
}
const definition = defineStack({
  groups: { Readers: { precedence: 1, policy }, Editors: { precedence: 2, policy } },
  users: {
    alice: { groups: ['Readers', 'Editors'], email: 'alice@example.com' },
    bob: { groups: ['Readers'], email: 'bob@example.com' },
  },
  apis: { http: { type: 'http', routes }, rest: { type: 'rest', routes } },
})

let stack: LocalStack
const tokens: Record<string, string> = {}

beforeAll(async () => {
  stack = await startLocalStack(definition)
  const { userPoolId, userPoolClientId, endpoints } = stack.config
  const jwks = async (): Promise<{ keys: object[] }> => {
    const answer = await fetch(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`)
    return Object(await answer.json())
  }
  const userPools = [{ userPoolId, clientIds: [userPoolClientId], jwks }]
  handler = withCaller(
    (_event: unknown, _context: unknown, { subject, email, groups, proof }: Caller) => ({
      statusCode: 200,
      body: JSON.stringify({ subject, email, groups, proof }),
    }),
    { userPools },
  )
  for (const name of ['alice', 'bob']) tokens[name] = (await signIn(stack, name)).idToken
})
afterAll(() => stack.stop())

const credentialsOf = (name: string): CognitoCredentials =>
  cognitoCredentials({
    identityPoolId: stack.config.identityPoolId,
    endpoint: stack.config.endpoints.cognitoIdentity,
    idToken: async () => tokens[name] ?? '',
  })
const signedBy = (name: string, api: string, more: Partial<IamFetchOptions> = {}): typeof fetch => {
  const { region, apis } = stack.config
  const credentials = credentialsOf(name)
  return createIamFetch({ baseUrl: apis[api]?.url ?? '', region, credentials, ...more })
}
const idTokenOf = (name: string) => async (): Promise<string> => tokens[name] ?? ''
const withToken = (name: string, api: string, path: string): Promise<Response> =>
  fetch(`${stack.config.apis[api]?.url}${path}`, {
    headers: { authorization: `Bearer ${tokens[name]}` },
  })

describe.each(['http', 'rest'])('over the local stack, %s API', (api) => {
  const alice = () => ({
    subject: stack.users['alice']?.sub,
    email: 'alice@example.com',
    groups: ['Readers', 'Editors'],
  })

  it('is one user by each proof', async () => {
    const signed = await signedBy('alice', api)('/iam')
    expect(await signed.json()).toEqual({ subject: alice().subject, groups: [], proof: 'gateway' })
    const both = await signedBy('alice', api, { beforeSign: withIdToken(idTokenOf('alice')) })(
      '/iam',
    )
    expect(await both.json()).toEqual({ ...alice(), proof: 'verified' })
    const authorized = await withToken('alice', api, '/jwt')
    // A REST API's text does not tell two groups from one, so that the token itself is read.
    const proof = api === 'rest' ? 'verified' : 'gateway'
    expect(await authorized.json()).toEqual({ ...alice(), proof })
    const passed = await withToken('alice', api, '/none')
    expect(await passed.json()).toEqual({ ...alice(), proof: 'verified' })
  })

  it('reads one group and several', async () => {
    expect(await (await withToken('bob', api, '/jwt')).json()).toMatchObject({
      groups: ['Readers'],
    })
  })

  it("refuses Bob's signature with Alice's ID token", async () => {
    // `createIamFetch` would not send it.
    const request = await createSigner({
      credentials: credentialsOf('bob'),
      region: stack.config.region,
    }).sign(`${stack.config.apis[api]?.url}/iam`, {
      headers: { [identityHeader]: tokens['alice'] ?? '' },
    })
    const response = await fetch(request)
    expect([response.status, await response.json()]).toEqual([403, { message: 'Forbidden' }])
  })

  it('has the ID token covered by the signature: added on the way, the call is refused before the handler', async () => {
    const onTheWay: typeof fetch = (input, init) => {
      const request = new Request(input, init)
      request.headers.set(identityHeader, tokens['alice'] ?? '')
      return fetch(request)
    }
    const response = await signedBy('alice', api, { fetch: onTheWay })('/iam')
    expect(response.status).toBe(403)
    expect(response.headers.get('x-local-reason')).toContain(identityHeader)
  })

  it('refuses a call without a token, and one whose token is not the pool’s', async () => {
    const unsigned = await fetch(`${stack.config.apis[api]?.url}/none`)
    expect([unsigned.status, await unsigned.json()]).toEqual([401, { message: 'Unauthorized' }])
    const altered = `${tokens['alice']?.slice(0, -8)}AAAAAAAA`
    const headers = { authorization: `Bearer ${altered}` }
    const response = await fetch(`${stack.config.apis[api]?.url}/none`, { headers })
    expect(response.status).toBe(401)
    // A REST API renames the header that a function returns.
    const name = api === 'rest' ? 'x-amzn-remapped-www-authenticate' : 'www-authenticate'
    expect(response.headers.get(name)).toBe('Bearer error="invalid_token"')
  })
})

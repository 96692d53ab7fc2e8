import {
  AddUserPoolClientSecretCommand,
  CognitoIdentityProviderClient,
  DeleteUserPoolClientCommand,
  DeleteUserPoolClientSecretCommand,
  GetClientTokenCommand,
  ListUserPoolClientSecretsCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { fixedClock } from '@iamfetch/testing'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import * as openid from 'openid-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createFaults,
  startLocalStack,
  type LocalStack,
  type StackDefinition,
} from '../src/index.ts'

const echo = (event: unknown): unknown => event
const definition: StackDefinition = {
  users: { alice: { attributes: { locale: 'de' } } },
  resourceServers: { premium: ['read', 'write'], other: ['x'] },
  appClients: {
    both: { scopes: ['premium/read', 'premium/write'] },
    reader: { scopes: ['premium/read'], accessTokenSeconds: 300 },
  },
  apis: {
    http: {
      type: 'http',
      routes: {
        'GET /read': { auth: 'jwt', scopes: ['premium/read'], handler: echo },
        'GET /write': { auth: 'jwt', scopes: ['premium/write'], handler: echo },
      },
    },
    rest: {
      type: 'rest',
      routes: {
        'GET /read': { auth: 'jwt', scopes: ['premium/read'], handler: restEcho },
        'GET /any': { auth: 'jwt', handler: restEcho },
      },
    },
  },
}

function restEcho(event: unknown): unknown {
  return { statusCode: 200, body: JSON.stringify(event) }
}

const clock = fixedClock(Date.UTC(2026, 0, 1))
let stack: LocalStack
beforeEach(async () => {
  stack = await startLocalStack(definition, { faults: createFaults({ clock }) })
})
afterEach(() => stack.stop())

const both = (): { clientId: string; clientSecret: string } => stack.appClients['both']!
const reader = (): { clientId: string; clientSecret: string } => stack.appClients['reader']!

/** Posts a form as it is. */
function post(
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${stack.config.endpoints.oauth}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  })
}

const grant = { grant_type: 'client_credentials' }
const shown = ({ clientId, clientSecret }: ReturnType<typeof both>): Record<string, string> => ({
  ...grant,
  client_id: clientId,
  client_secret: clientSecret,
})
const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

async function tokenOf(form: Record<string, string>): Promise<string> {
  const response = await post(form)
  expect(response.status).toBe(200)
  return (await response.json()).access_token
}

/** Returns status and error, and checks that the true reason is there, too. */
async function refusal(answer: Promise<Response>): Promise<[status: number, error: string]> {
  const response = await answer
  const { error, ...more } = await response.json()
  expect(more).toEqual({})
  expect(response.headers.get('x-local-reason')).toBeTruthy()
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  return [response.status, error]
}

describe('the token endpoint', () => {
  it('issues a client a token with the scopes that it requests', async () => {
    const response = await post({ ...shown(both()), scope: 'premium/write premium/write' })
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { access_token: token, ...more } = await response.json()
    expect(more).toEqual({ expires_in: 3_600, token_type: 'Bearer' })
    const now = clock.now() / 1_000
    const { clientId } = both()
    expect(decodeJwt(token)).toEqual({
      sub: clientId,
      client_id: clientId,
      token_use: 'access',
      scope: 'premium/write',
      version: 2,
      auth_time: now,
      iat: now,
      exp: now + 3_600,
      iss: `https://cognito-idp.eu-central-1.amazonaws.com/${stack.config.userPoolId}`,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    const keys = `${stack.config.endpoints.cognitoIdp}/${stack.config.userPoolId}/.well-known/jwks.json`
    await jwtVerify(token, createRemoteJWKSet(new URL(keys)), {
      currentDate: new Date(clock.now()),
    })
  })

  it('grants all that a client may have when it requests no scopes', async () => {
    expect(decodeJwt(await tokenOf(shown(both())))['scope']).toBe('premium/read premium/write')
    expect(decodeJwt(await tokenOf({ ...shown(both()), scope: '' }))['scope']).toBe(
      'premium/read premium/write',
    )
  })

  it('issues tokens with the life in the definition', async () => {
    const { iat = 0, exp } = decodeJwt(await tokenOf(shown(reader())))
    expect(exp).toBe(iat + 300)
  })

  it('takes the secret in the form, as Basic as it is, and as Basic form-encoded', async () => {
    const { clientId, clientSecret } = both()
    expect((await post(shown(both()))).status).toBe(200)
    expect((await post(grant, basic(clientId, clientSecret))).status).toBe(200)
    const named = { ...grant, client_id: clientId }
    expect((await post(named, basic(clientId, clientSecret))).status).toBe(200)
    const custom = 'abc+DEF_123+xyz_abcdefghij'
    await cognito(stack.admin).send(
      new AddUserPoolClientSecretCommand({ ...pool(), ClientId: clientId, ClientSecret: custom }),
    )
    expect((await post(grant, basic(clientId, custom))).status).toBe(200)
    expect((await post(grant, basic(clientId, encodeURIComponent(custom)))).status).toBe(200)
    expect((await post(shown({ clientId, clientSecret: custom }))).status).toBe(200)
  })

  it('refuses a secret that is shown twice, or for two clients', async () => {
    const { clientId, clientSecret } = both()
    const header = basic(clientId, clientSecret)
    expect(await refusal(post(shown(both()), header))).toEqual([400, 'invalid_request'])
    const other = { ...grant, client_id: reader().clientId }
    expect(await refusal(post(other, header))).toEqual([400, 'invalid_request'])
  })

  it('refuses a wrong secret, the secret of another client, none, and an unknown client alike', async () => {
    const { clientId } = both()
    const wrong: Record<string, string>[] = [
      shown({ clientId, clientSecret: 'wrong' }),
      shown({ clientId, clientSecret: reader().clientSecret }),
      { ...grant, client_id: clientId },
      shown({ clientId: 'nobody', clientSecret: 'x' }),
    ]
    for (const form of wrong) expect(await refusal(post(form))).toEqual([400, 'invalid_client'])
    const answer = await post(grant, basic(clientId, 'wrong'))
    expect(answer.headers.get('www-authenticate')).toBe('Basic')
    expect(await refusal(Promise.resolve(answer))).toEqual([401, 'invalid_client'])
  })

  it.each([
    ['a scope that no resource server has', 'premium/delete'],
    ['a scope that the client may not have', 'premium/read other/x'],
    ['a scope of people', 'openid'],
  ] as const)('refuses %s', async (_, scope) => {
    const answer = refusal(post({ ...shown(both()), scope }))
    expect(await answer).toEqual([400, 'invalid_scope'])
  })

  it('refuses anything but a request for a token', async () => {
    const { clientId, clientSecret } = both()
    const form = shown(both())
    const rows: [answer: Promise<Response>, error: string][] = [
      [post({ client_id: clientId, client_secret: clientSecret }), 'invalid_request'],
      [post({ ...form, grant_type: 'password' }), 'unsupported_grant_type'],
      [post({ ...form, grant_type: 'authorization_code' }), 'unauthorized_client'],
      [
        post(shown({ clientId: stack.config.userPoolClientId, clientSecret: '' })),
        'unauthorized_client',
      ],
      [post({ grant_type: 'client_credentials' }), 'invalid_request'],
      [
        post(`${new URLSearchParams(form)}&scope=premium/read&scope=premium/write`),
        'invalid_request',
      ],
      [post(grant, { authorization: 'Bearer x' }), 'invalid_request'],
      [post({ ...form, aws_client_metadata: '{"a":1}' }), 'invalid_request'],
      [post({ ...form, resource: 'https://api.example.com' }), 'invalid_request'],
    ]
    for (const [answer, error] of rows) expect(await refusal(answer)).toEqual([400, error])
    const url = `${stack.config.endpoints.oauth}/oauth2/token`
    expect((await fetch(url)).status).toBe(405)
    const json = await post(JSON.stringify(form), { 'content-type': 'application/json' })
    expect([json.status, await json.text()]).toEqual([405, ''])
    expect((await post({ ...form, aws_client_metadata: '{"tenant":"acme"}' })).status).toBe(200)
  })

  it('shows no secret in a refusal', async () => {
    const { clientId, clientSecret } = both()
    const answers = [
      await post(shown(both()), basic(clientId, clientSecret)),
      await post(`${new URLSearchParams(shown(both()))}&client_secret=${clientSecret}`),
      await post({ ...shown(both()), scope: 'nope' }),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(400)
      const text = (await answer.text()) + JSON.stringify([...answer.headers])
      expect(text).not.toContain(clientSecret)
    }
  })

  it('can be throttled, made to fail, and counted', async () => {
    const { faults } = stack
    faults.next('oauth2/token', 'throttle')
    faults.next('oauth2/token', 'fail')
    faults.next('oauth2/token', 'garbage')
    expect((await post(shown(both()))).status).toBe(429)
    expect((await post(shown(both()))).status).toBe(500)
    expect(await (await post(shown(both()))).text()).toContain('garbage')
    expect((await post(shown(both()))).status).toBe(200)
    expect(faults.calls('oauth2/token')).toBe(4)
    faults.next('oauth2/token', 'drop')
    await expect(post(shown(both()))).rejects.toThrow('fetch failed')
    expect(stack.tokensMinted('both')).toBe(1)
  })

  it('counts the tokens of each client and set of scopes', async () => {
    expect(stack.tokensMinted()).toEqual([])
    await tokenOf(shown(both()))
    await tokenOf({ ...shown(both()), scope: 'premium/write premium/read' })
    await tokenOf({ ...shown(both()), scope: 'premium/read' })
    await tokenOf(shown(reader()))
    await post({ ...shown(both()), scope: 'nope' })
    expect(stack.tokensMinted()).toEqual([
      { client: 'both', scopes: ['premium/read'], count: 1 },
      { client: 'both', scopes: ['premium/read', 'premium/write'], count: 2 },
      { client: 'reader', scopes: ['premium/read'], count: 1 },
    ])
    expect(stack.tokensMinted('both')).toBe(3)
    expect(stack.tokensMinted('nobody')).toBe(0)
  })

  it.each([
    ['post', openid.ClientSecretPost, { error: 'invalid_client', status: 400 }],
    // It reads no body where a challenge came.
    ['basic', openid.ClientSecretBasic, { status: 401 }],
  ] as const)('serves openid-client with %s', async (_, auth, refused) => {
    const { clientId, clientSecret } = both()
    const { endpoints, userPoolId } = stack.config
    const document = `${endpoints.cognitoIdp}/${userPoolId}/.well-known/openid-configuration`
    const server: openid.ServerMetadata = await (await fetch(document)).json()
    const grantTo = (secret: string): ReturnType<typeof openid.clientCredentialsGrant> => {
      const client = new openid.Configuration(server, clientId, {}, auth(secret))
      openid.allowInsecureRequests(client)
      return openid.clientCredentialsGrant(client, { scope: 'premium/read' })
    }
    const { access_token: token } = await grantTo(clientSecret)
    expect(decodeJwt(token)['scope']).toBe('premium/read')
    await expect(grantTo('wrong')).rejects.toMatchObject(refused)
  })
})

describe('GetClientToken', () => {
  const get = async (input: Partial<GetClientTokenCommand['input']>): Promise<string> => {
    const { clientId, clientSecret } = both()
    const command = new GetClientTokenCommand({
      ClientId: clientId,
      Secret: clientSecret,
      ...input,
    })
    const { ClientAuthenticationResult: result } = await cognito(anyKeys).send(command)
    expect(result).toMatchObject({ ExpiresIn: 3_600, TokenType: 'Bearer' })
    return result!.AccessToken!
  }

  it('returns to the AWS SDK, whose signature is not read, the token that the endpoint returns', async () => {
    expect(decodeJwt(await get({}))['scope']).toBe('premium/read premium/write')
    const claims = decodeJwt(await get({ Scopes: ['premium/read'], ClientMetadata: { a: 'b' } }))
    expect(claims).toMatchObject({
      token_use: 'access',
      sub: both().clientId,
      scope: 'premium/read',
    })
    expect(stack.tokensMinted('both')).toBe(2)
  })

  it('refuses a wrong secret, an unknown client and a scope that is not the client’s', async () => {
    await expect(get({ Secret: 'wrong' })).rejects.toThrow('Unable to verify secret for client.')
    await expect(get({ ClientId: 'nobody' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
    await expect(get({ Scopes: ['other/x'] })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
    expect(stack.tokensMinted()).toEqual([])
  })

  it('can be throttled', async () => {
    stack.faults.next('GetClientToken', 'throttle')
    await expect(get({})).rejects.toMatchObject({ name: 'TooManyRequestsException' })
    expect(stack.faults.calls('GetClientToken')).toBe(1)
  })
})

describe('the secrets of an app client', () => {
  it('are two while they rotate, and both work until the old one goes', async () => {
    const admin = cognito(stack.admin)
    const client = { ...pool(), ClientId: both().clientId }
    const { ClientSecretDescriptor: added } = await admin.send(
      new AddUserPoolClientSecretCommand(client),
    )
    expect(added!.ClientSecretId).toMatch(new RegExp(`^${both().clientId}--\\d+$`))
    const fresh = { clientId: both().clientId, clientSecret: added!.ClientSecretValue! }
    for (const one of [both(), fresh]) expect((await post(shown(one))).status).toBe(200)

    await expect(admin.send(new AddUserPoolClientSecretCommand(client))).rejects.toMatchObject({
      name: 'LimitExceededException',
    })
    const { ClientSecrets: listed } = await admin.send(new ListUserPoolClientSecretsCommand(client))
    expect(listed!.map((one) => one.ClientSecretValue)).toEqual([undefined, undefined])
    const remove = (id?: string): Promise<unknown> =>
      admin.send(new DeleteUserPoolClientSecretCommand({ ...client, ClientSecretId: id }))
    await remove(listed![0]!.ClientSecretId)
    expect(await refusal(post(shown(both())))).toEqual([400, 'invalid_client'])
    expect((await post(shown(fresh))).status).toBe(200)
    await expect(remove(added!.ClientSecretId)).rejects.toThrow('The last secret')
  })

  it('may be the administrator’s own, in Cognito’s form, and are then not said back', async () => {
    const admin = cognito(stack.admin)
    const add = (ClientSecret: string): Promise<unknown> => {
      const client = { ...pool(), ClientId: both().clientId }
      return admin.send(new AddUserPoolClientSecretCommand({ ...client, ClientSecret }))
    }
    await expect(add('too-short')).rejects.toMatchObject({ name: 'InvalidParameterException' })
    expect(JSON.stringify(await add('my_own_secret_of_30_characters'))).not.toContain('my_own')
  })

  it('end with the app client, whose tokens live on', async () => {
    const token = await tokenOf(shown(both()))
    await cognito(stack.admin).send(
      new DeleteUserPoolClientCommand({ ...pool(), ClientId: both().clientId }),
    )
    expect(await refusal(post(shown(both())))).toEqual([400, 'invalid_client'])
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${stack.config.apis['http']!.url}/read`, { headers })).status).toBe(200)
  })
})

describe('a machine’s token at an API', () => {
  const call = (api: string, path: string, token: string): Promise<Response> =>
    fetch(stack.config.apis[api]!.url + path, { headers: { authorization: `Bearer ${token}` } })

  it('opens the routes of an HTTP API whose scope it has', async () => {
    const token = await tokenOf(shown(reader()))
    const { requestContext } = await (await call('http', '/read', token)).json()
    const { claims, scopes } = requestContext.authorizer.jwt
    expect(scopes).toEqual(['premium/read'])
    expect(claims).toMatchObject({
      client_id: reader().clientId,
      version: '2',
      token_use: 'access',
    })
    expect(claims).not.toHaveProperty('aud')
    const refused = await call('http', '/write', token)
    expect([refused.status, await refused.json()]).toEqual([403, { message: 'Forbidden' }])
  })

  it('opens methods of a REST API that name a scope, and none without', async () => {
    const token = await tokenOf(shown(reader()))
    const { requestContext } = await (await call('rest', '/read', token)).json()
    const { claims } = requestContext.authorizer
    expect(claims).toMatchObject({
      client_id: reader().clientId,
      scope: 'premium/read',
      iat: 'Thu Jan 01 00:00:00 UTC 2026',
      exp: 'Thu Jan 01 00:05:00 UTC 2026',
    })
    const refused = await call('rest', '/any', token)
    expect([refused.status, await refused.json()]).toEqual([401, { message: 'Unauthorized' }])
    expect(refused.headers.get('x-local-reason')).toContain('takes an id token')
  })

  it('is refused after its expiry', async () => {
    const token = await tokenOf(shown(reader()))
    stack.faults.shiftClock(300_000)
    expect((await call('http', '/read', token)).status).toBe(401)
    expect((await call('rest', '/read', token)).status).toBe(401)
  })
})

const pool = (): { UserPoolId: string } => ({ UserPoolId: stack.config.userPoolId })

/** The SDK signs GetClientToken too, which Cognito does not ask for. */
const anyKeys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'nobody' }

const cognito = (credentials: typeof anyKeys): CognitoIdentityProviderClient =>
  new CognitoIdentityProviderClient({
    region: stack.config.region,
    endpoint: stack.config.endpoints.cognitoIdp,
    maxAttempts: 1,
    // The SDK signs by its own clock unless it receives the offset of that clock.
    systemClockOffset: clock.now() - Date.now(),
    credentials,
  })

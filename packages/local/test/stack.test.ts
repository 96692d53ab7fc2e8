import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fromCognitoIdentityPool } from '@aws-sdk/credential-providers'
import { AwsClient } from 'aws4fetch'
import { fixedClock } from '@iamfetch/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import { createFaults, defineStack, startLocalStack, type LocalStack } from '../src/index.ts'
import { sample } from '../src/definition/sample.ts'

const stacks: LocalStack[] = []
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.stop()
})
const start = async (...args: Parameters<typeof startLocalStack>): Promise<LocalStack> => {
  const stack = await startLocalStack(...args)
  stacks.push(stack)
  return stack
}

/** The AWS SDK exchanges the ID token, aws4fetch signs: nothing of this project takes part. */
async function clientOf(stack: LocalStack, name: string): Promise<AwsClient> {
  const { region, identityPoolId, userPoolId, endpoints } = stack.config
  const credentials = await fromCognitoIdentityPool({
    identityPoolId,
    logins: {
      [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: (await signIn(stack, name)).idToken,
    },
    clientConfig: { region, endpoint: endpoints.cognitoIdentity },
  })()
  return new AwsClient({ ...credentials, region, service: 'execute-api', retries: 0 })
}

describe('a local stack', () => {
  it('lets FullAccess GET and POST and ReadOnlyAccess only GET, from sign-in to answer', async () => {
    const stack = await start(sample)
    const url = `${stack.config.apis['test']!.url}/test`
    const alice = await clientOf(stack, 'alice')
    const bob = await clientOf(stack, 'bob')
    expect((await alice.fetch(url)).status).toBe(200)
    expect((await alice.fetch(url, { method: 'POST', body: 'x' })).status).toBe(200)
    expect((await bob.fetch(url)).status).toBe(200)
    const refused = await bob.fetch(url, { method: 'POST', body: 'x' })
    expect([refused.status, await refused.json()]).toEqual([403, { message: 'Forbidden' }])
    expect(refused.headers.get('x-local-reason')).toMatch(
      /^ImplicitDeny: no statement of the role ReadOnlyAccessRole/,
    )
    expect((await fetch(url)).status).toBe(403)
  })

  it('signs its users in for tests: tokens as Cognito issues them, for the present groups', async () => {
    const stack = await start(sample)
    const claimsOf = (token: string): Record<string, unknown> =>
      JSON.parse(String(Buffer.from(token.split('.')[1]!, 'base64url')))
    const own = await stack.signIn('alice')
    const wire = await signIn(stack, 'alice')
    for (const kind of ['idToken', 'accessToken'] as const) {
      expect(Object.keys(claimsOf(own[kind])).toSorted()).toEqual(
        Object.keys(claimsOf(wire[kind])).toSorted(),
      )
    }
    expect(own.expiresInSeconds).toBe(3_600)
    stack.faults.setGroups('alice', ['ReadOnlyAccess'])
    const { idToken } = await stack.signIn('alice')
    expect(claimsOf(idToken)['cognito:groups']).toEqual(['ReadOnlyAccess'])
    await expect(stack.signIn('carol')).rejects.toThrow(
      'signIn: "username" must be one of alice, bob, got "carol"',
    )
  })

  it('takes its tokens on a jwt route', async () => {
    const handler = (): unknown => ({})
    const stack = await start({
      ...sample,
      apis: { test: { type: 'http', routes: { 'GET /test': { auth: 'jwt', handler } } } },
    })
    const url = `${stack.config.apis['test']!.url}/test`
    const { idToken, accessToken } = await signIn(stack, 'alice')
    for (const token of [idToken, accessToken]) {
      expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
    }
    expect((await fetch(url)).status).toBe(401)
  })

  it('serves its config without secrets, and its health', async () => {
    const stack = await start(sample)
    const { config, users } = stack
    const text = await (await fetch(`${config.endpoints.cognitoIdp}/config.json`)).text()
    expect(JSON.parse(text)).toEqual(config)
    expect(config).toMatchObject({ mode: 'local', region: 'eu-central-1' })
    expect(config.userPoolId).toMatch(/^eu-central-1_[A-Za-z0-9]{9}$/)
    for (const { password } of Object.values(users)) expect(text).not.toContain(password)
    const health = await fetch(`${config.endpoints.cognitoIdentity}/__local/health`)
    expect(await health.json()).toEqual({ status: 'ok' })
  })

  it('creates new names, passwords and secrets at each start', async () => {
    const definition = defineStack({
      ...sample,
      resourceServers: { premium: ['read'] },
      appClients: { reader: { scopes: ['premium/read'] } },
    })
    const [one, two] = await Promise.all([start(definition), start(definition)])
    const told = ({ config, users, appClients }: LocalStack): string[] => [
      config.userPoolId,
      config.userPoolClientId,
      config.identityPoolId,
      users['alice']!.password,
      users['alice']!.sub,
      appClients['reader']!.clientId,
      appClients['reader']!.clientSecret,
    ]
    expect(new Set([...told(one), ...told(two)]).size).toBe(14)
  })

  it('has several APIs, each with its own port and ID', async () => {
    const routes = { 'GET /x': { auth: 'iam' as const, handler: () => ({ statusCode: 200 }) } }
    const statement = { Effect: 'Allow' as const, Action: 'execute-api:Invoke' }
    const stack = await start({
      groups: {
        One: {
          policy: {
            Version: '2012-10-17',
            Statement: {
              ...statement,
              Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_one/*',
            },
          },
        },
      },
      users: { alice: { groups: ['One'] } },
      apis: { one: { type: 'http', routes }, two: { type: 'rest', routes } },
    })
    const { one, two } = stack.config.apis
    expect(two!.url).toMatch(/\/prod$/)
    const alice = await clientOf(stack, 'alice')
    expect((await alice.fetch(`${one!.url}/x`)).status).toBe(200)
    expect((await alice.fetch(`${two!.url}/x`)).status).toBe(403)
  })

  it('ends sessions and moves its time through the faults port', async () => {
    const faults = createFaults()
    const stack = await start(sample, { faults })
    expect(stack.faults).toBe(faults)
    const url = `${stack.config.apis['test']!.url}/test`
    const alice = await clientOf(stack, 'alice')
    faults.expireSession(alice.accessKeyId)
    expect((await alice.fetch(url)).headers.get('x-local-reason')).toMatch(/^ExpiredToken: /)
    faults.revokeSession(alice.accessKeyId)
    expect((await alice.fetch(url)).headers.get('x-local-reason')).toMatch(/^UnrecognizedClient: /)
    const bob = await clientOf(stack, 'bob')
    faults.shiftClock(600_000)
    const late = await bob.fetch(url)
    expect(late.headers.get('x-local-reason')).toMatch(/^InvalidSignature: Signature expired/)
    expect(Math.abs(Date.parse(late.headers.get('date')!) - Date.now() - 600_000)).toBeLessThan(
      5_000,
    )
  })

  it('lives in the time of the clock that it is given', async () => {
    const clock = fixedClock(Date.UTC(2020, 0, 1))
    const stack = await start(sample, { clock })
    const response = await fetch(stack.config.endpoints.cognitoIdp)
    expect(response.headers.get('date')).toBe('Wed, 01 Jan 2020 00:00:00 GMT')
    await expect(startLocalStack(sample, { clock, faults: createFaults() })).rejects.toThrow(
      'startLocalStack: "clock" must not be given with "faults"; write faults: createFaults({ clock })',
    )
  })

  it('listens on the loopback addresses 127.0.0.1 and ::1 and on no other address of the machine', async () => {
    const stack = await start(sample)
    const ports = [stack.config.apis['test']!.url, stack.config.endpoints.cognitoIdp].map((url) =>
      Number(new URL(url).port),
    )
    const reaches = (port: number, host: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect(port, host, () => resolve(true)).on('error', () => resolve(false))
        socket.on('connect', () => socket.destroy())
      })
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address)
    for (const port of ports) {
      expect(await reaches(port, '127.0.0.1')).toBe(true)
      for (const host of ['127.0.0.2', ...others]) expect(await reaches(port, host)).toBe(false)
    }
  })

  it('takes the ports that it is given and says when one is taken', async () => {
    const first = await start(sample)
    const taken = Number(new URL(first.config.endpoints.cognitoIdp).port)
    await first.stop()
    const second = await start(sample, { ports: { cognito: taken } })
    expect(second.config.endpoints.cognitoIdp).toBe(`http://127.0.0.1:${taken}`)
    await expect(startLocalStack(sample, { ports: { apis: { test: taken } } })).rejects.toThrow(
      `Port ${taken} of 127.0.0.1 is in use. End the program that listens there, or choose another port.`,
    )
    await expect(startLocalStack(sample, { ports: { cognito: 70_000 } })).rejects.toThrow(
      '"ports.cognito" must be a port from 0 to 65535, got 70000',
    )
    await expect(startLocalStack(sample, { ports: { apis: { nope: 1 } } })).rejects.toThrow(
      '"ports.apis.nope" must have the name of an API',
    )
  })

  it('stops at once, open connections and hanging calls included', async () => {
    const faults = createFaults()
    const stack = await start(sample, { faults })
    const url = `${stack.config.apis['test']!.url}/test`
    const hanging = faults.next('GET /test', 'hang')
    const pending = fetch(url).catch((error: unknown) => error)
    await hanging.met
    await stack.stop()
    expect(await pending).toBeInstanceOf(TypeError)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    await stack.stop()
  })
})

describe('a body for Cognito', () => {
  const isRefused = (status: unknown): boolean =>
    status === 413 || /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(String(status))
  const target = { 'x-amz-target': 'AWSCognitoIdentityService.GetId' }
  const pieces = (count: number, text: string): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull(controller) {
        if (count-- > 0) controller.enqueue(new TextEncoder().encode(text))
        else controller.close()
      },
    })

  it('may come in pieces, without its length', async () => {
    const stack = await startLocalStack({ users: { alice: {} } })
    const body = pieces(1, JSON.stringify({ IdentityPoolId: stack.config.identityPoolId }))
    const init = { method: 'POST', headers: target, body, duplex: 'half' as const }
    const response = await fetch(stack.config.endpoints.cognitoIdentity, init)
    // What was sent was read: it is a guest's call, whom this pool refuses.
    expect(await response.json()).toMatchObject({
      message: 'Unauthenticated access is not supported for this identity pool.',
    })
    await stack.stop()
  })

  it('is read up to 1 MB and refused beyond, with and without a Content-Length', async () => {
    const hostedUi = { callbackUrls: ['http://localhost/'] }
    const stack = await startLocalStack({ hostedUi })
    const { endpoints, userPoolClientId: id } = stack.config
    const large = 'x'.repeat(1_048_577)
    for (const path of [
      '/',
      '/oauth2/token',
      '/oauth2/revoke',
      `/login?client_id=${id}&response_type=code&redirect_uri=http://localhost/`,
    ]) {
      const url = new URL(path, endpoints.cognitoIdp)
      const init = { method: 'POST', headers: target }
      const response = await fetch(url, { ...init, body: large })
      expect([path, response.status]).toEqual([path, 413])
      expect(response.headers.get('x-local-reason')).toBe('the body is over 1 MB')
      // Of what has no end the sender may learn by a closed connection alone.
      const endless = { ...init, body: pieces(Infinity, large), duplex: 'half' as const }
      const status = await fetch(url, endless).then(
        (answer) => answer.status,
        (error: unknown) => String(Object(error).cause.code),
      )
      expect([path, status]).toEqual([path, expect.toSatisfy(isRefused)])
    }
    expect(stack.faults.calls()).toEqual({ 'oauth2/token': 2 })
    await stack.stop()
  })
})

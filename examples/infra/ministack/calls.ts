import { createIamFetch } from 'iamfetch'
import { withIdToken } from 'iamfetch/id-token'
import type { Outputs } from './deploy.ts'
import { usersOf, type SignedInUser, type UserStack } from './users.ts'

/** A call with what has to come and what came. */
export interface Call {
  what: string
  expected: string
  seen: string
}

/** What was deployed, and where. */
export interface Deployment {
  outputs: Outputs
  url: string
  region: string
}

/** The URL of an API that needs no DNS: the emulator takes the API's ID from the path. */
export const apiUrl = ({ url }: Deployment, endpoint: string): string =>
  `${url}/_aws/execute-api/${new URL(endpoint).hostname.split('.')[0]}/$default`

/** Waits for a response and compares its status. */
export async function call(
  what: string,
  expected: string,
  response: Promise<Response>,
): Promise<Call> {
  const { status } = await response
  return { what, expected, seen: String(status) }
}

/** For a call of which only the outcome counts: a role that may not call a route is refused whether or not it exists. */
export async function outcome(
  what: string,
  expected: 'served' | 'refused',
  response: Promise<Response>,
): Promise<Call> {
  const { ok } = await response
  return { what, expected, seen: ok ? 'served' : 'refused' }
}

/** @returns The members of a request that `method` needs. */
export const requestOf = (method: string): RequestInit =>
  method === 'GET' || method === 'DELETE' ? { method } : { method, body: '{"text":"a note"}' }

/** Users × methods × paths of the API that both groups share. */
export async function groupCalls(deployment: Deployment): Promise<Call[]> {
  const { url, region, outputs } = deployment
  const stack = outputs['GroupAccess'] as unknown as UserStack & { testUrl: string }
  const users = usersOf(stack, url, region)
  // The user without a group comes first: the pool's default role is then the template's.
  const all = [
    await callsOf('carol', await users.add('carol'), []),
    await callsOf('alice', await users.add('alice', 'FullAccess'), ['GET', 'POST']),
    await callsOf('bob', await users.add('bob', 'ReadOnlyAccess'), ['GET']),
  ]
  const unsigned = fetch(`${apiUrl(deployment, stack.testUrl)}/test`)
  return [...all.flat(), await call('nobody GET /test', '403', unsigned)]

  async function callsOf(
    user: string,
    { credentials }: SignedInUser,
    allowed: readonly string[],
  ): Promise<Call[]> {
    const baseUrl = apiUrl(deployment, stack.testUrl)
    const options = { baseUrl, region, service: 'execute-api' }
    const signed = createIamFetch({ ...options, credentials })
    const { accessKeyId, sessionToken = '' } = credentials
    const secretAccessKey = 'not the secret of this key'
    const forged = createIamFetch({
      ...options,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    })
    const status = (method: string) => (allowed.includes(method) ? '200' : '403')
    return [
      await call(`${user} GET /test`, status('GET'), signed('/test')),
      await call(`${user} POST /test`, status('POST'), signed('/test', requestOf('POST'))),
      await outcome(`${user} PUT /test`, 'refused', signed('/test', requestOf('PUT'))),
      await outcome(`${user} GET /other`, 'refused', signed('/other')),
      await call(`${user} GET /test, signed with another secret`, '403', forged('/test')),
    ]
  }
}

/** The portal's routes, as a user who may write and as one who may not. */
export async function portalCalls(deployment: Deployment): Promise<Call[]> {
  const { url, region, outputs } = deployment
  const stack = outputs['DeveloperAccess'] as unknown as UserStack & { portalUrl: string }
  const users = usersOf(stack, url, region)
  const all = [
    await callsOf('alice', await users.add('alice', 'FullAccess'), '201'),
    await callsOf('bob', await users.add('bob', 'ReadOnlyAccess'), '403'),
  ]
  // This route is open at the gateway; the function verifies the token itself.
  const unsigned = fetch(`${apiUrl(deployment, stack.portalUrl)}/notes`)
  return [...all.flat(), await call('nobody GET /notes', '401', unsigned)]

  async function callsOf(
    user: string,
    { idToken, credentials }: SignedInUser,
    write: string,
  ): Promise<Call[]> {
    const signed = createIamFetch({
      baseUrl: apiUrl(deployment, stack.portalUrl),
      region,
      service: 'execute-api',
      credentials,
      beforeSign: withIdToken(async () => idToken),
    })
    const calls: Call[] = []
    for (const [method, path, expected] of [
      ['GET', '/me', '200'],
      ['GET', '/keys', '200'],
      ['POST', '/my/notes', write],
      ['GET', '/my/notes', '200'],
      ['DELETE', `/keys/${crypto.randomUUID()}`, '404'],
    ] as const) {
      const response = signed(path, requestOf(method))
      calls.push(await call(`${user} ${method} ${path}`, expected, response))
    }
    return calls
  }
}

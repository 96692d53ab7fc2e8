import type { Clock } from '@iamfetch/core'
import {
  fakeFetch,
  fixedClock,
  type FakeFetch,
  type FixedClock,
  type Seen,
} from '@iamfetch/testing'

/** An app client of the test's user pool. */
export interface TestClient {
  secrets: string[]
  scopes: readonly string[]
}

/** A token endpoint that answers as Cognito does, in this process. */
export interface TestEndpoint extends FakeFetch {
  readonly clients: Map<string, TestClient>
  /** Tokens given out so far. */
  readonly minted: readonly string[]
  /** Answers the next requests in another way; one entry a request. */
  readonly next: ((seen: Seen) => Response | Promise<Response>)[]
  lifeSeconds: number
}

/** `{ id, secrets, scopes }` are one client; more can be put into `clients`. */
export function testEndpoint(
  clock: Clock,
  {
    id = 'reader',
    secrets = ['secret-1'],
    scopes = ['premium/read', 'premium/write'],
    lifeSeconds = 3_600,
  }: { id?: string; secrets?: string[]; scopes?: string[]; lifeSeconds?: number } = {},
): TestEndpoint {
  const clients = new Map<string, TestClient>([[id, { secrets, scopes }]])
  const minted: string[] = []
  const next: TestEndpoint['next'] = []

  const answer = (seen: Seen): Response | Promise<Response> => {
    const other = next.shift()
    if (other) return other(seen)
    const form = new URLSearchParams(seen.body)
    const [basicId, basicSecret] = atob(
      seen.headers.get('authorization')?.slice('Basic '.length) ?? '',
    ).split(':')
    const clientId = form.get('client_id') ?? basicId ?? ''
    const client = clients.get(clientId)
    if (!client?.secrets.includes(form.get('client_secret') ?? basicSecret ?? '')) {
      return Response.json({ error: 'invalid_client' }, { status: 400 })
    }
    const asked = form.get('scope')?.split(' ') ?? client.scopes
    if (!asked.every((scope) => client.scopes.includes(scope))) {
      return Response.json({ error: 'invalid_scope' }, { status: 400 })
    }
    const iat = Math.floor(clock.now() / 1_000)
    const token = jwt({
      sub: clientId,
      client_id: clientId,
      token_use: 'access',
      scope: asked.join(' '),
      iat,
      exp: iat + endpoint.lifeSeconds,
      jti: `${clientId}-${minted.length}`,
    })
    minted.push(token)
    return Response.json({
      access_token: token,
      token_type: 'Bearer',
      expires_in: endpoint.lifeSeconds,
    })
  }

  const endpoint = Object.assign(fakeFetch(answer), { clients, minted, next, lifeSeconds })
  return endpoint
}

/** A token that is shaped like Cognito's; its signature is not checked here. */
export const jwt = (claims: object): string =>
  [{ alg: 'RS256', kid: 'test' }, claims, 'signature']
    .map((part) => btoa(JSON.stringify(part)).replaceAll('+', '-').replaceAll('/', '_'))
    .map((part) => part.replace(/=+$/, ''))
    .join('.')

/** The claims of a token of {@link jwt}. */
export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')))

/** A clock that knows whether anybody waits for it. */
export interface DrivenClock extends FixedClock {
  readonly sleepers: () => number
}

/** A fixed clock for {@link elapse}. */
export function drivenClock(): DrivenClock {
  const clock = fixedClock()
  let sleepers = 0
  return {
    ...clock,
    sleepers: () => sleepers,
    async sleep(ms, signal) {
      sleepers++
      await clock.sleep(ms, signal).finally(() => sleepers--)
    },
  }
}

/**
 * Lets time pass in small steps until the promise is settled. With a driven clock it passes only while a test waits for
 * it, so that what this machine takes for its cryptography does not count.
 */
export async function elapse<T>(
  clock: FixedClock | DrivenClock,
  promise: Promise<T>,
  stepMs = 20,
): Promise<T> {
  const state = { settled: false }
  const end = (): void => {
    state.settled = true
  }
  promise.then(end, end)
  while (!state.settled) {
    await clock.advance('sleepers' in clock && !clock.sleepers() ? 0 : stepMs)
  }
  return promise
}

/** What a function throws. */
export function thrownBy(throws: () => unknown): unknown {
  try {
    throws()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

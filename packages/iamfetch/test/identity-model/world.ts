import type { Clock, Credentials } from 'iamfetch'

/** The users. Two of them have the same `sub`, of two issuers. */
export const USERS = ['alice@one', 'bob@one', 'alice@two'] as const
export type User = (typeof USERS)[number]

/** The roles that a token allows. */
export const ROLES: readonly string[] = ['Reader', 'Writer'].map(
  (name) => `arn:aws:iam::123456789012:role/${name}`,
)

export const POOL = 'eu-central-1:11111111-2222-3333-4444-555555555555'
export const API = 'https://abc123.execute-api.eu-central-1.amazonaws.com'

/** How an operation that the tested code waits for comes out. Each kind of operation knows some of them. */
export type Outcome = (typeof OUTCOMES)[number]
export const OUTCOMES = [
  'ok',
  'late',
  'fails',
  'nobody',
  'another user',
  'throttled',
  'server error',
  'network',
  'expired',
  'wrong clock',
  'forbidden',
] as const

/** Something that the tested code waits for. It comes out when the script says so. */
export interface Operation {
  readonly name: string
  readonly settle: (outcome: Outcome) => void
}

/** One call, and what is known of it. */
export interface Call {
  readonly name: string
  /** Whose token the call's own read returned. `undefined` while it is under way; `null` if it returned none. */
  owner?: User | null
  /** Why nothing may be sent for the call any more. */
  closed?: string
  /** The role that was requested when the call started. `undefined` if the engine knows none, `null` for the token's choice. */
  role?: string | null
  /** The identity of the first request, for sources whose owner is the identity. */
  identity?: string
  /** The user whose ID token went along with the first request. */
  companion?: User
  settled?: string
  readonly abort: AbortController
}

/** When a call reads the token source for itself. One that does not at the start may use what another call has read. */
export type Reads = 'at the start' | 'perhaps at the start' | 'later' | 'never'

/** For whom an access key was made. */
interface Key {
  readonly user: User
  /** The role that was requested. */
  readonly role: string | null
  /** The role that the token preferred. */
  readonly preferred?: string | undefined
}

/** Where the simulation starts: another epoch than the real one, so that no real time can look right. */
const START = Date.UTC(2026, 0, 1)

/**
 * Everything outside of the tested code: users, time, the token source, Cognito and the gateway. Nothing comes out by
 * itself: each operation waits until the script settles it, and time passes only when the script says so.
 *
 * Every request that reaches the gateway is checked at that moment, and the first violation is kept.
 */
export class World {
  readonly pending: Operation[] = []
  readonly trace: string[] = []
  readonly calls: Call[] = []
  violation: string | undefined
  user: User | null = 'alice@one'
  now: number = START
  /** Whether Cognito fails only in ways that no client repeats: the AWS SDK waits by the real time before it does. */
  failsForGood = false
  /** Whether a token is returned at once. */
  fastTokens = false
  /** Which token of the user is the present one, and what it prefers. */
  #version = 0
  #issuedAt = START
  #preferred = 0
  readonly #sleeps = new Set<{ until: number; wake: () => void }>()
  readonly #keys = new Map<string, Key>()
  /** The calls whose own read of the token source has not begun. */
  #unread: Call[] = []

  log(text: string): void {
    this.trace.push(text)
  }

  violate(text: string): void {
    this.violation ??= text
    this.log(`VIOLATION: ${text}`)
  }

  // ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly clock: Clock = {
    now: () => this.now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper = { until: this.now + ms, wake: () => finish(resolve) }
        const onAbort = (): void => finish(() => reject(signal?.reason))
        const finish = (settle: () => void): void => {
          this.#sleeps.delete(sleeper)
          signal?.removeEventListener('abort', onAbort)
          settle()
        }
        this.#sleeps.add(sleeper)
        signal?.addEventListener('abort', onAbort)
      }),
  }

  advance(ms: number): void {
    this.now += ms
    for (const sleeper of this.#sleeps) if (sleeper.until <= this.now) sleeper.wake()
  }

  /** The end of the sleep that ends first. */
  get nextWake(): number | undefined {
    const ends = [...this.#sleeps].map(({ until }) => until)
    return ends.length > 0 ? Math.min(...ends) : undefined
  }

  // ── operations ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Begins an operation. For an outcome that it does not know it has another one. */
  #operation<T>(
    name: string,
    results: Partial<Record<Outcome, () => T>> & { ok: () => T },
    signal?: AbortSignal,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = (text: string): void => {
        this.pending.splice(this.pending.indexOf(operation), 1)
        signal?.removeEventListener('abort', onAbort)
        this.log(`${name}: ${text}`)
      }
      const onAbort = (): void => {
        end('aborted')
        reject(signal?.reason)
      }
      const operation: Operation = {
        name,
        settle: (outcome) => {
          const known = OUTCOMES.filter((one) => results[one])
          const own = known.includes(outcome)
            ? outcome
            : known[OUTCOMES.indexOf(outcome) % known.length]!
          end(own)
          try {
            resolve((results[own] ?? results.ok)())
          } catch (error) {
            reject(error)
          }
        },
      }
      this.pending.push(operation)
      signal?.addEventListener('abort', onAbort)
      if (signal?.aborted) onAbort()
    })
  }

  /** Settles an operation by its number among those that are under way. */
  settle(pick: number, outcome: Outcome): void {
    this.pending[pick % this.pending.length]?.settle(outcome)
  }

  // ── the token source ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** The source holds another token from now on. */
  renewToken(): void {
    this.#version++
    this.#issuedAt = this.now
  }

  changeGroups(): void {
    this.renewToken()
    this.#preferred++
  }

  /** Reads the token, as an `idToken` or a `token` option does. The first read after the start of a call is that call's own. */
  readonly readToken = async ({ forceRefresh = false }: { forceRefresh?: boolean } = {}): Promise<
    string | undefined
  > => {
    const own = forceRefresh ? undefined : this.#unread.shift()
    const atStart = this.user
    const read = (user: User | null) => () => {
      if (own) own.owner = user
      if (forceRefresh) this.renewToken()
      return user ? this.#tokenOf(user) : undefined
    }
    const failed = (): never => {
      if (own) own.owner = null
      throw new TypeError('Failed to fetch')
    }
    if (this.fastTokens) return read(this.user)()
    const reason = forceRefresh ? ', for a new token' : ''
    return this.#operation(`the token source${own ? `, read by ${own.name}` : reason}`, {
      ok: () => read(this.user)(),
      late: read(atStart),
      nobody: read(null),
      'another user': read(this.#otherUser()),
      fails: failed,
      network: failed,
    })
  }

  /** The present token, at once: what another tab reads. */
  readonly readTokenAtOnce = async (): Promise<string | undefined> =>
    this.user ? this.#tokenOf(this.user) : undefined

  /** Reads the token that goes along with a request. No call is known by it. */
  readonly readCompanion = async (): Promise<string> => {
    const atStart = this.user
    const read = (user: User | null) => () => (user ? this.#tokenOf(user) : '')
    if (this.fastTokens) return read(this.user)()
    return this.#operation('the token that goes along', {
      ok: () => read(this.user)(),
      late: read(atStart),
      nobody: read(null),
      'another user': read(this.#otherUser()),
    })
  }

  /** Credentials of the signed-in user, from a source that does not know ours. */
  readonly plainCredentials = async (): Promise<Credentials> => {
    const atStart = this.user
    const of = (user: User | null) => () => {
      if (!user) throw new Error('Nobody is signed in')
      const key = this.#makeKey({ user, role: null })
      return {
        accessKeyId: key,
        secretAccessKey: `secret-of-${key}`,
        sessionToken: `session-of-${key}`,
        expiration: new Date(this.now + 3_600_000),
        identityId: `eu-central-1:${user}`,
      }
    }
    return this.#operation('the credentials provider', {
      ok: () => of(this.user)(),
      late: of(atStart),
      nobody: of(null),
      'another user': of(this.#otherUser()),
    })
  }

  #otherUser(): User {
    return USERS[(USERS.indexOf(this.user ?? 'alice@one') + 1) % USERS.length]!
  }

  #tokenOf(user: User): string {
    const [sub, issuer] = user.split('@')
    return jwt({
      iss: `https://${issuer}.example`,
      sub,
      aud: 'app',
      token_use: 'id',
      iat: Math.floor(this.#issuedAt / 1_000),
      exp: Math.floor(this.#issuedAt / 1_000) + 3_600,
      jti: this.#version,
      'cognito:roles': ROLES,
      'cognito:preferred_role': ROLES[this.#preferred % ROLES.length],
    })
  }

  // ── Cognito ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  readonly cognito: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const target = request.headers.get('x-amz-target') ?? ''
    const body = JSON.parse(await request.text())
    const [token] = Object.values<string>(body.Logins ?? {})
    const user = userOf(token ?? '')
    const name = `${target.split('.')[1]} for ${user}`
    return this.#operation(
      name,
      {
        ok: () => this.#cognitoAnswer(target, body, token ?? ''),
        ...(!this.failsForGood && {
          throttled: () => refuse(429, 'TooManyRequestsException', 'Rate exceeded'),
          'server error': () => refuse(500, 'InternalErrorException', 'Internal error'),
          network: () => {
            throw new TypeError('Failed to fetch')
          },
        }),
        expired: () =>
          refuse(400, 'NotAuthorizedException', 'Invalid login token. Token expired: 1 >= 0'),
        forbidden: () =>
          refuse(400, 'ResourceNotFoundException', `Identity '${body.IdentityId}' not found.`),
      },
      init?.signal ?? undefined,
    )
  }

  /** The same without waiting, for another tab. */
  readonly cognitoAtOnce: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const body = JSON.parse(await request.text())
    const [token] = Object.values<string>(body.Logins)
    return this.#cognitoAnswer(request.headers.get('x-amz-target') ?? '', body, token ?? '')
  }

  #cognitoAnswer(
    target: string,
    body: { IdentityId?: string; CustomRoleArn?: string },
    token: string,
  ): Response {
    const user = userOf(token)
    const { 'cognito:preferred_role': preferred } = claimsOf(token)
    if (target.endsWith('.GetId'))
      return Response.json({ IdentityId: `eu-central-1:${user}` }, { headers: this.#date() })
    const key = this.#makeKey({ user, role: body.CustomRoleArn ?? null, preferred })
    const Credentials = {
      AccessKeyId: key,
      SecretKey: `secret-of-${key}`,
      SessionToken: `session-of-${key}`,
      Expiration: Math.floor(this.now / 1_000) + 3_600,
    }
    return Response.json({ IdentityId: body.IdentityId, Credentials }, { headers: this.#date() })
  }

  #date(): { date: string } {
    return { date: new Date(this.now).toUTCString() }
  }

  #makeKey(key: Key): string {
    const id = `ASIA${this.#keys.size + 1}`
    this.#keys.set(id, key)
    return id
  }

  // ── calls and the gateway ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Notes a call. The next read of the token source is its own. */
  start(): Call {
    const call: Call = { name: `call ${this.calls.length + 1}`, abort: new AbortController() }
    this.calls.push(call)
    this.#unread.push(call)
    return call
  }

  /** The calls have had their chance to begin their own read, if their source asks for one at all. */
  endStart(reads: Reads): void {
    const [call] = this.#unread
    if (!call || reads === 'later') return
    this.#unread = []
    if (reads !== 'at the start') return
    this.violate(`${call.name} did not read the token source when it started`)
  }

  /** `clear()` was called: nothing may be sent any more for the calls that have started. */
  closeAll(reason: string): void {
    for (const call of this.calls) call.closed ??= reason
  }

  readonly gateway = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const number = Number(/\/call-(\d+)/.exec(request.url)?.[1])
    const call = this.calls[number - 1]!
    this.#check(call, request)
    const name = `the gateway, ${request.method} of ${call.name}`
    return this.#operation(
      name,
      {
        ok: () => Response.json(this.#dataFor(request)),
        throttled: () => new Response('', { status: 429, headers: { 'retry-after': '1' } }),
        'server error': () => new Response('', { status: 503 }),
        network: () => {
          throw new TypeError('Failed to fetch')
        },
        expired: () =>
          request.headers.get('authorization')?.startsWith('Bearer ')
            ? new Response('{"message":"Unauthorized"}', { status: 401 })
            : refusal('The security token included in the request is expired'),
        'wrong clock': () =>
          refusal(
            `Signature expired: 20260101T000000Z is now earlier than ${stamp(this.now + 200_000)} (${stamp(this.now + 500_000)} - 5 min.)`,
          ),
        forbidden: () => refusal('Forbidden'),
      },
      request.signal,
    )
  }

  /** What the API returns: for whom and for which role it was asked. */
  #dataFor(request: Request): { user: string; role: string | undefined } {
    const held = this.#keys.get(accessKeyIn(request) ?? '')
    return { user: held?.user ?? 'nobody', role: held?.role ?? held?.preferred }
  }

  #check(call: Call, request: Request): void {
    const authorization = request.headers.get('authorization') ?? ''
    const held = this.#keys.get(accessKeyIn(request) ?? '')
    const user = held ? held.user : userOf(authorization.replace('Bearer ', ''))
    const companion = request.headers.get('x-amz-iamfetch-identity')
    this.log(
      `${call.name} reaches the gateway, authorized for ${user}${companion ? ` with the token of ${userOf(companion)}` : ''}`,
    )
    if (call.closed) this.violate(`${call.name} was sent after ${call.closed}`)
    if (call.abort.signal.aborted) this.violate(`${call.name} was sent after it was aborted`)
    if (call.owner === null)
      this.violate(`${call.name} was sent although its own read found no user`)
    if (call.owner && user !== call.owner) {
      this.violate(`${call.name} is a call of ${call.owner} and was authorized for ${user}`)
    }
    this.#checkCompanion(call, companion === null ? null : userOf(companion), user)
    if (held && call.role !== undefined && call.role !== held.role) {
      this.violate(
        `${call.name} started with the role ${call.role} and was signed for ${held.role}`,
      )
    }
    call.identity ??= user ?? 'nobody'
    if (call.identity !== user) {
      this.violate(`${call.name} was authorized for ${call.identity} first, and then for ${user}`)
    }
  }

  #checkCompanion(call: Call, companion: User | null, user: User | undefined): void {
    if (!companion) return
    call.companion ??= companion
    // Credentials of a source that is not ours name no user to compare with.
    const other = call.companion === companion ? user : call.companion
    if (call.companion !== companion || (call.owner !== undefined && user !== companion)) {
      this.violate(
        `${call.name} carries the token of ${companion} and that of ${other} is expected`,
      )
    }
  }

  /** A body that arrives when the script says so. */
  slowBody(call: Call): ReadableStream<Uint8Array> {
    return new ReadableStream({
      pull: (controller) =>
        this.#operation(`the body of ${call.name}`, {
          ok: () => {
            controller.enqueue(new TextEncoder().encode('body'))
            controller.close()
          },
          fails: () => controller.error(new TypeError('The body failed')),
        }),
    })
  }
}

/** Lets everything go on that can go on without an operation being settled. */
export async function goOn(): Promise<void> {
  // Browsers read bodies in another process, which takes them some tasks.
  const rounds = typeof setImmediate === 'function' ? 3 : 10
  for (let round = 0; round < rounds; round++) await nextTask()
}

/** Not a timer: those of browsers take milliseconds. */
function nextTask(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve))
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    const onMessage = (): void => {
      port1.close()
      resolve()
    }
    port1.addEventListener('message', onMessage, { once: true })
    port1.start()
    port2.postMessage(null)
  })
}

function jwt(payload: object): string {
  const encode = (value: unknown): string =>
    btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
  return `${encode({ alg: 'RS256' })}.${encode(payload)}.c2lnbmF0dXJl`
}

function claimsOf(token: string): Record<string, string> {
  return JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
}

function userOf(token: string): User {
  const { sub, iss = '' } = claimsOf(token)
  return `${sub}@${iss.replace('https://', '').replace('.example', '')}` as User
}

const accessKeyIn = (request: Request): string | undefined =>
  /Credential=(\w+)\//.exec(request.headers.get('authorization') ?? '')?.[1]

const stamp = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')

const refusal = (message: string): Response => Response.json({ message }, { status: 403 })

const refuse = (status: number, type: string, message: string): Response =>
  Response.json({ __type: type, message }, { status, headers: { 'x-amzn-errortype': type } })

import {
  isIamFetchError,
  setOwner,
  type Credentials,
  type ErrorCode,
  type LoadContext,
  type Loaded,
  type SignIns,
  type TokenRead,
} from '@iamfetch/core'
import { callIdentity, expiryIn, isPlausibleExpiry, type Exchange } from './exchange.ts'
import { fingerprint } from './fingerprint.ts'
import type { Identities } from './identity.ts'
import { ownerOfLogin, type Login } from './login.ts'
import { refusal } from './refusal.ts'

/** What every exchange of one provider shares. */
export interface SessionContext {
  readonly exchange: Exchange
  readonly identities: Identities
  readonly signIns: SignIns<Login>
  /** The identity pool's ID. */
  readonly pool: string
  /** Called when Cognito no longer accepts an identity. */
  readonly onIdentityReset: () => void
}

/**
 * Exchanges the current login, or a guest, for credentials of a role.
 *
 * ```
 *            expired ──► new token ──┐
 *               ▲                    ▼
 *   login ──────┴──► identity (GetId, unless known) ──► credentials (GetCredentialsForIdentity)
 *                         ▲                                  │
 *                         └── identity refused: forgotten ◄──┤
 *                             token refused: new token ◄─────┤
 *                             groups changed: again ◄────────┘
 * ```
 *
 * A token is renewed once and an identity is forgotten once; the second refusal is the result. If the user changes, the cache
 * that started the exchange aborts it.
 *
 * @param role  The role to request. Defaults to the one that the token decides.
 * @see [AWS: GetCredentialsForIdentity](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html)
 */
export async function startSession(
  context: SessionContext,
  role: string | undefined,
  { guard, signal }: LoadContext,
): Promise<Loaded<Credentials>> {
  const { exchange, identities, signIns } = context
  let mayRenew = true
  let mayForget = true
  const renew = async (): Promise<void> => {
    mayRenew = false
    await signIns.read({ forceRefresh: true })
  }
  if (hasExpired(signIns.current?.token, exchange.clock.now())) await renew()
  for (;;) {
    const { current, renewals } = signIns
    if (signal.aborted) throw signal.reason
    if (!current) throw signIns.error ?? refusal('LOGIN_REQUIRED', 'No user is signed in.')
    const login = current.token
    guard(fingerprint(login.token ?? login.key))
    const step: Step = { context, login, role, signal, identityId: undefined }
    try {
      const answer = await requestCredentials(step)
      const latest = signIns.current?.token
      // The groups changed during the exchange, or a new token was requested: these credentials are outdated.
      if (login.rights !== latest?.rights || renewals < signIns.renewals) continue
      return credentialsFrom(answer, step, current)
    } catch (error) {
      if (!isIamFetchError(error)) throw error
      if (mayRenew && TOKEN_REFUSED.includes(error.code)) {
        await renew()
        // The same token again would be refused again.
        if (signIns.current?.token === login) throw error
      } else if (step.identityId && mayForget && IDENTITY_REFUSED.includes(error.code)) {
        mayForget = false
        // Another role may have been refused with it first and have requested a new identity already.
        if ((await identities.get(login)) === step.identityId) {
          identities.delete(login)
          context.onIdentityReset()
        }
      } else throw error
    }
  }
}

/** A new token helps. */
const TOKEN_REFUSED: readonly ErrorCode[] = ['ID_TOKEN_EXPIRED', 'ID_TOKEN_INVALID']

/** A new identity helps. */
const IDENTITY_REFUSED: readonly ErrorCode[] = [
  'IDENTITY_LOGIN_MISMATCH',
  'IDENTITY_DISABLED',
  'IDENTITY_NOT_FOUND',
  'LOGIN_CONFLICT',
]

/** One pass through the two operations. */
interface Step {
  readonly context: SessionContext
  readonly login: Login
  readonly role: string | undefined
  readonly signal: AbortSignal
  /** The identity that was sent. */
  identityId: string | undefined
}

async function requestCredentials(step: Step): Promise<Record<string, unknown>> {
  const { login, role } = step
  if (role && login.roles && !login.roles.includes(role)) {
    throw refusal('ROLE_NOT_HELD', `The ID token lacks ${role}.`, factsOf(step))
  }
  step.identityId = await identityOf(step)
  const input = { IdentityId: step.identityId, CustomRoleArn: role }
  return call(step, 'GetCredentialsForIdentity', input)
}

/** Reads the credentials and notes whose they are. */
function credentialsFrom(
  answer: Record<string, unknown>,
  { context, login, signal }: Step,
  { signIn }: TokenRead<Login>,
): Loaded<Credentials> {
  const { value, expiresAt } = readCredentials(answer, context.exchange.clock.now())
  if (!signal.aborted) context.identities.set(login, value.identityId)
  return { value: setOwner(value, { ...ownerOfLogin(login), signIn }), expiresAt }
}

/** The identity of a login: the known one, or what GetId returns for it. One request serves all roles. */
async function identityOf(step: Step): Promise<string> {
  const { login, context, signal } = step
  const known = await context.identities.get(login)
  if (known) return known
  login.identityRequest ??= call(step, 'GetId', { IdentityPoolId: context.pool })
    .then(({ IdentityId }) => requiredText(IdentityId))
    .finally(() => (login.identityRequest = undefined))
  const identityId = await login.identityRequest
  if (!signal.aborted) context.identities.set(login, identityId)
  return identityId
}

function call(step: Step, operation: string, input: object): Promise<Record<string, unknown>> {
  const { provider = '', token } = step.login
  // JSON leaves out what is undefined: only a guest sends no Logins.
  const withLogins = { ...input, Logins: token && { [provider]: token } }
  return callIdentity(step.context.exchange, operation, withLogins, factsOf(step), step.signal)
}

const factsOf = ({ login, context }: Step): Readonly<Record<string, unknown>> => ({
  ...login.claims,
  pool: context.pool,
  provider: login.provider,
  roles: login.roles,
})

const hasExpired = (login: Login | undefined, now: number): boolean =>
  login?.claims?.exp !== undefined && login.claims.exp * 1_000 <= now

/**
 * Reads credentials. Their secrets can be read like any property, but they are never printed: JSON, an inspection and a copy by
 * spreading leave them out. They are getters, so that even an inspection of hidden properties prints `[Getter]`.
 *
 * Extensible on purpose: the AWS SDK notes `$source` on credentials that it is given.
 */
function readCredentials(
  answer: Record<string, unknown>,
  now: number,
): Loaded<Credentials & { readonly identityId: string }> {
  const { AccessKeyId, SecretKey, SessionToken }: Record<string, unknown> = {
    ...(typeof answer['Credentials'] === 'object' && answer['Credentials']),
  }
  const secretAccessKey = requiredText(SecretKey)
  const sessionToken = requiredText(SessionToken)
  const accessKeyId = requiredText(AccessKeyId)
  const identityId = requiredText(answer['IdentityId'])
  const expiresAt = expiryIn(answer['Credentials'])
  if (expiresAt === undefined || !isPlausibleExpiry(expiresAt, now)) {
    throw refusal(
      'UNEXPECTED_ANSWER',
      'The "Expiration" in the response of GetCredentialsForIdentity is missing, over, or days ahead.',
    )
  }
  const shown = { accessKeyId, expiration: new Date(expiresAt), identityId }
  const value = Object.defineProperties(shown, {
    secretAccessKey: { get: () => secretAccessKey },
    sessionToken: { get: () => sessionToken },
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the getters are what the type of `shown` lacks
  return { value: value as typeof shown & Credentials, expiresAt }
}

function requiredText(value: unknown): string {
  if (value && typeof value === 'string') return value
  throw refusal('UNEXPECTED_ANSWER', 'The response of Cognito Identity is incomplete.')
}

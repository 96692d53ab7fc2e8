import { IamFetchError, type Credentials, type LoadContext, type Loaded } from '@iamfetch/core'
import { callIdentity, isRecord, type Exchange } from './exchange.ts'
import type { Identity } from './identity.ts'
import type { Login, Logins } from './login.ts'
import { refusal } from './refusal.ts'

/** What one exchange for one role needs. */
export interface SessionContext {
  identityPoolId: string
  exchange: Exchange
  identity: Identity
  /** Nothing for a guest. */
  logins: Logins | undefined
  /** The identity's key for a guest. */
  guestKey: string
  role: string | undefined
  onReset: () => void
}

/** The enhanced flow's sessions last one hour, not configurable (AWS: identity pools, concepts). */
const SESSION_MS = 3_600_000

/**
 * Exchanges the current login, or a guest, for a session: GetId where the identity is not known, then
 * GetCredentialsForIdentity.
 *
 * Heals once each: a token that expired, by a new one; an identity that Cognito no longer takes, by a new GetId.
 *
 * @see [AWS: GetCredentialsForIdentity](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html)
 */
export async function startSession(
  { identityPoolId, exchange, identity, logins, guestKey, role, onReset }: SessionContext,
  { guard, signal }: LoadContext,
): Promise<Loaded<Credentials>> {
  const { clock } = exchange
  const hasExpired = ({ exp }: Login['claims']): boolean => !!exp && exp * 1_000 <= clock.now()
  let mayRenew = !!logins
  let mayHeal = true
  const renew = async (): Promise<void> => {
    mayRenew = false
    await logins?.renew()
  }
  if (logins?.current && hasExpired(logins.current.claims)) await renew()
  for (;;) {
    if (signal.aborted) throw signal.reason
    if (logins?.trouble) throw logins.trouble
    const login = logins?.current
    const { key = guestKey, mark = guestKey, roles, provider, claims } = login ?? {}
    guard(mark)
    const facts = { identityPoolId, provider, iss: claims?.iss, aud: claims?.aud, role, roles }
    if (role && roles && !roles.includes(role)) {
      throw refusal('ROLE_NOT_HELD', `The ID token does not hold ${role}.`, facts)
    }
    const call = (operation: string, input: object): Promise<Record<string, unknown>> => {
      const proof = login && { Logins: { [login.provider]: login.token } }
      return callIdentity(exchange, operation, { ...input, ...proof }, facts, signal)
    }
    let id: string | undefined
    try {
      id = await identity.find(key, async () =>
        text((await call('GetId', { IdentityPoolId: identityPoolId })).IdentityId),
      )
      const sentAt = clock.now()
      const answer = await call('GetCredentialsForIdentity', {
        IdentityId: id,
        ...(role && { CustomRoleArn: role }),
      })
      if (signal.aborted) throw signal.reason
      // The user signed out or the groups changed under way: these credentials are of before.
      if (login?.rights !== logins?.current?.rights) continue
      const loaded = read(answer)
      const adopted = text(answer.IdentityId)
      if (adopted !== id) identity.adopt(key, adopted)
      // Nobody hands out expired credentials: the clock is fast, and no Date header could be read.
      if (loaded.expiresAt <= clock.now()) clock.learn(loaded.expiresAt - SESSION_MS, sentAt)
      return loaded
    } catch (error) {
      const code = error instanceof IamFetchError ? error.code : ''
      if (mayRenew && code.startsWith('ID_TOKEN')) {
        await renew()
        if (logins?.trouble || logins?.current !== login) continue
      } else if (mayHeal && /^(IDENTITY_|LOGIN_CONFLICT)/.test(code)) {
        mayHeal = false
        if (await identity.forget(key, id)) onReset()
        continue
      }
      throw error
    }
  }
}

function read({ IdentityId, Credentials: given }: Record<string, unknown>): Loaded<Credentials> {
  const { AccessKeyId, SecretKey, SessionToken, Expiration } = isRecord(given) ? given : {}
  // Epoch seconds, as a number (amplify-js createGetCredentialsForIdentityClient.ts).
  const expiresAt = Number(Expiration) * 1_000
  if (!expiresAt) throw unexpected()
  return {
    value: hidingSecrets(text(SecretKey), text(SessionToken), {
      accessKeyId: text(AccessKeyId),
      expiration: new Date(expiresAt),
      identityId: text(IdentityId),
    }),
    expiresAt,
  }
}

/**
 * Credentials whose secrets are read like any property but show nowhere: not in JSON, not when printed, not in
 * a copy by spreading. Getters, so that even an inspection of hidden properties prints `[Getter]`.
 *
 * Extensible on purpose: the AWS SDK notes `$source` on credentials that it is given.
 */
function hidingSecrets(secretAccessKey: string, sessionToken: string, shown: object): Credentials {
  const hidden = {
    secretAccessKey: { get: () => secretAccessKey },
    sessionToken: { get: () => sessionToken },
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the getters are what is missing
  return Object.defineProperties(shown, hidden) as Credentials
}

function text(value: unknown): string {
  if (value && typeof value === 'string') return value
  throw unexpected()
}

const unexpected = (): IamFetchError =>
  refusal('UNEXPECTED_ANSWER', 'The answer lacks the identity or the credentials.')

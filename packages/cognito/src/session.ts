import { IamFetchError, type Credentials, type LoadContext, type Loaded } from '@iamfetch/core'
import { callIdentity, recordOf, text, type Exchange } from './exchange.ts'
import type { Identity } from './identity.ts'
import type { Logins } from './login.ts'
import { refusal } from './refusal.ts'

/** The enhanced flow's sessions last one hour, not configurable (AWS: identity pools, concepts). */
const SESSION_MS = 3_600_000

/**
 * Exchanges the current login, or a guest, for a session: GetId where the identity is not known, then
 * GetCredentialsForIdentity.
 *
 * Heals once each: a token that expired, by a new one; an identity that Cognito no longer takes, by a new GetId.
 *
 * @param logins   Nothing for a guest.
 * @param pool     The identity pool's ID.
 * @param role     The role to ask for.
 * @param onReset  Hears of an identity that is no longer taken.
 * @see [AWS: GetCredentialsForIdentity](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html)
 */
export async function startSession(
  exchange: Exchange,
  identity: Identity,
  logins: Logins | undefined,
  pool: string,
  role: string | undefined,
  onReset: () => void,
  { guard, signal }: LoadContext,
): Promise<Loaded<Credentials>> {
  const { clock } = exchange
  let mayRenew = !!logins
  let mayHeal = true
  const renew = async (): Promise<void> => {
    mayRenew = false
    await logins?.renew()
  }
  if (Number(logins?.current?.claims.exp) * 1_000 <= clock.now()) await renew()
  for (;;) {
    if (signal.aborted) throw signal.reason
    if (logins?.trouble) throw logins.trouble
    const login = logins?.current
    const { key = pool, mark = pool, roles, provider, claims, token } = login ?? {}
    guard(mark)
    const facts = { ...claims, pool, provider, role, roles }
    if (role && roles && !roles.includes(role)) {
      throw refusal('ROLE_NOT_HELD', `The ID token lacks ${role}`, facts)
    }
    const call = (operation: string, input: object): Promise<Record<string, unknown>> => {
      // JSON leaves out what is undefined: a guest sends no Logins.
      const proven = { ...input, Logins: provider && { [provider]: token } }
      return callIdentity(exchange, operation, proven, facts, signal)
    }
    let id: string | undefined
    try {
      id = await identity.find(key, async () =>
        given((await call('GetId', { IdentityPoolId: pool })).IdentityId),
      )
      const sentAt = clock.now()
      const answer = await call('GetCredentialsForIdentity', {
        IdentityId: id,
        CustomRoleArn: role,
      })
      // The user signed out or the groups changed under way: these credentials are of before.
      if (login?.rights !== logins?.current?.rights) continue
      const loaded = read(answer)
      const { identityId } = loaded.value
      if (identityId && identityId !== id && !signal.aborted) identity.adopt(key, identityId)
      // Nobody hands out expired credentials: the clock is fast, and no Date header could be read.
      if (loaded.expiresAt <= clock.now()) clock.learn(loaded.expiresAt - SESSION_MS, sentAt)
      return loaded
    } catch (error) {
      const code = error instanceof IamFetchError ? error.code : ''
      if (mayRenew && code.startsWith('ID_TOKEN')) {
        await renew()
        if (logins?.trouble || logins?.current !== login) continue
      } else if (id && mayHeal && /^(IDENTITY_|LOGIN_CON)/.test(code)) {
        mayHeal = false
        if (await identity.drop(id)) onReset()
        continue
      }
      throw error
    }
  }
}

function read({
  IdentityId,
  Credentials: credentials,
}: Record<string, unknown>): Loaded<Credentials> {
  const { AccessKeyId, SecretKey, SessionToken, Expiration } = recordOf(credentials)
  // Epoch seconds, as a number (amplify-js createGetCredentialsForIdentityClient.ts).
  const expiresAt = Number(Expiration) * 1_000
  const value = hidingSecrets(given(SecretKey), given(SessionToken), {
    accessKeyId: given(AccessKeyId),
    expiration: new Date(expiresAt),
    identityId: given(IdentityId, expiresAt > 0),
  })
  return { value, expiresAt }
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

function given(value: unknown, complete = true): string {
  if (complete && text(value)) return text(value)
  throw refusal('UNEXPECTED_ANSWER', 'An incomplete answer')
}

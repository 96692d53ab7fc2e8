import { cleared, type Credentials, type LoadContext, type Loaded } from '@iamfetch/core'
import { callIdentity, expiryIn, isPlausibleExpiry, type Exchange } from './exchange.ts'
import { fingerprint } from './fingerprint.ts'
import { quietly, type IdentityStore } from './identity.ts'
import type { Logins } from './login.ts'
import { refusal } from './refusal.ts'

/**
 * Exchanges the current login, or a guest, for a session: GetId where the identity is not known, then
 * GetCredentialsForIdentity.
 *
 * Heals once each: a token that expired, by a new one; an identity that Cognito no longer takes, by a new GetId.
 *
 * @param store    Keeps identity IDs.
 * @param pool     The identity pool's ID.
 * @param role     The role to ask for.
 * @param onReset  Hears of an identity that is no longer taken.
 * @see [AWS: GetCredentialsForIdentity](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetCredentialsForIdentity.html)
 */
export async function startSession(
  exchange: Exchange,
  store: IdentityStore,
  logins: Logins,
  pool: string,
  role: string | undefined,
  onReset: () => void,
  { guard, signal }: LoadContext,
): Promise<Loaded<Credentials>> {
  const { clock } = exchange
  let mayRenew = true
  let mayHeal = true
  const renew = (): Promise<void> => {
    mayRenew = false
    return logins.renew()
  }
  if (Number(logins.current?.claims?.exp) * 1_000 <= clock.now()) await renew()
  for (;;) {
    const { current: login, renewals } = logins
    if (signal.aborted) throw signal.reason
    if (logins.trouble || !login) throw logins.trouble ?? cleared()
    const { key, token, claims, provider, roles } = login
    guard(fingerprint(token ?? key))
    const name = fingerprint(key)
    const facts = { ...claims, pool, provider, roles }
    if (role && roles && !roles.includes(role)) {
      throw refusal('ROLE_NOT_HELD', `The ID token lacks ${role}`, facts)
    }
    const call = (operation: string, input: object): Promise<Record<string, unknown>> => {
      // JSON leaves out what is undefined: a guest sends no Logins.
      const proven = { ...input, Logins: provider && { [provider]: token } }
      return callIdentity(exchange, operation, proven, facts, signal)
    }
    const stored = (): Promise<string | null | undefined> => quietly(() => store.get(name))
    const keep = (identity: string): void => {
      if (!signal.aborted) void quietly(() => store.set(name, identity))
    }
    let id: string | undefined
    try {
      id =
        (await stored()) ||
        (await (login.asked ??= call('GetId', { IdentityPoolId: pool })
          .then(({ IdentityId }) => given(IdentityId))
          .finally(() => (login.asked = undefined))))
      keep(id)
      const answer = await call('GetCredentialsForIdentity', {
        IdentityId: id,
        CustomRoleArn: role,
      })
      // The groups changed under way, or were asked for anew: these credentials are of before.
      if (login.rights !== logins.current?.rights || renewals < logins.renewals) continue
      const loaded = read(answer, clock.now())
      keep(loaded.value.identityId!)
      return loaded
    } catch (error) {
      const { code } = Object(error)
      if (mayRenew && /ID_TOKEN_/.test(code)) {
        await renew()
        if (logins.trouble || logins.current !== login) continue
      } else if (id && mayHeal && /IDENTITY_|LOGIN_CON/.test(code)) {
        mayHeal = false
        if ((await stored()) === id) {
          await quietly(() => store.delete(name))
          onReset()
        }
        continue
      }
      throw error
    }
  }
}

/**
 * Reads credentials whose secrets are read like any property but show nowhere: not in JSON, not when printed, not in
 * a copy by spreading. Getters, so that even an inspection of hidden properties prints `[Getter]`.
 *
 * Extensible on purpose: the AWS SDK notes `$source` on credentials that it is given.
 */
function read(answer: Record<string, unknown>, now: number): Loaded<Credentials> {
  const { IdentityId, Credentials } = answer
  const { AccessKeyId, SecretKey, SessionToken } = Object(Credentials)
  const expiresAt = expiryIn(Credentials)
  for (const part of [AccessKeyId, SecretKey, SessionToken, IdentityId]) given(part)
  if (expiresAt === undefined || !isPlausibleExpiry(expiresAt, now)) {
    throw refusal(
      'UNEXPECTED_ANSWER',
      'The "Expiration" in the response of GetCredentialsForIdentity is not the end of a session: it is missing, over, or days ahead.',
    )
  }
  const shown = {
    accessKeyId: AccessKeyId,
    expiration: new Date(expiresAt),
    identityId: IdentityId,
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the getters are what is missing
  const value = Object.defineProperties(shown, {
    secretAccessKey: { get: () => SecretKey },
    sessionToken: { get: () => SessionToken },
  }) as unknown as Credentials
  return { value, expiresAt }
}

function given(value: unknown): string {
  if (value && typeof value === 'string') return value
  throw refusal('UNEXPECTED_ANSWER', 'The response of Cognito Identity is incomplete.')
}

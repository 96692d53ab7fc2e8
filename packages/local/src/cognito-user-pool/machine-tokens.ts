import type { Clock } from '../faults/faults.ts'
import type { Ids } from '../ids.ts'
import { drawUuid, type Random } from '../random.ts'
import type { TokenKey } from './token-key.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { AppClient } from './app-clients.ts'

/** How many tokens an app client was given for a set of scopes: what Cognito would bill. */
export interface TokensMinted {
  /** The app client's name in the definition. */
  client: string
  /** Sorted. */
  scopes: readonly string[]
  count: number
}

/** Mints access tokens for machines, and counts them. */
export interface MachineTokens {
  /** @param scopes  What is granted. */
  mint(client: AppClient, scopes: readonly string[]): Promise<string>
  /** One entry for each app client and set of scopes that had a token, in alphabetical order. */
  minted(): readonly TokensMinted[]
}

/**
 * Creates the machine tokens of a user pool.
 *
 * A machine's access token has no `aud`, no `username` and no groups: `sub` is the client ID.
 *
 * @see [AWS: understanding the access token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html)
 */
export function createMachineTokens({
  ids,
  key,
  clock,
  random,
}: {
  ids: Ids
  key: TokenKey
  clock: Clock
  random: Random
}): MachineTokens {
  const counts = new Map<string, TokensMinted>()
  return {
    minted: () =>
      [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, counted]) => ({ ...counted })),
    async mint({ name, clientId, accessTokenSeconds }, scopes) {
      const now = Math.floor(clock.now() / 1_000)
      const token = await key.sign({
        sub: clientId,
        token_use: 'access',
        scope: scopes.join(' '),
        auth_time: now,
        iss: ids.issuer,
        exp: now + accessTokenSeconds,
        iat: now,
        version: 2,
        jti: drawUuid(random),
        client_id: clientId,
      })
      const sorted = scopes.toSorted()
      const entry = `${name} ${sorted.join(' ')}`
      const counted = counts.get(entry) ?? { client: name, scopes: sorted, count: 0 }
      counts.set(entry, { ...counted, count: counted.count + 1 })
      return token
    },
  }
}

/**
 * Chooses what is granted.
 *
 * Without requested scopes, all that the client may have are granted. A scope that no resource server has, or that the
 * client may not have, refuses the whole request; AWS's pages contradict each other about the second case,
 * and this is what people report (unverified).
 *
 * @returns The scopes, or the first one that is refused.
 */
export function grantedScopes(
  { scopes }: AppClient,
  requested: readonly string[],
): Result<readonly string[], string> {
  if (requested.length === 0) return accepted(scopes)
  const unknown = requested.find((scope) => !scopes.includes(scope))
  return unknown === undefined ? accepted([...new Set(requested)]) : refused(unknown)
}

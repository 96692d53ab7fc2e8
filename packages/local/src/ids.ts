import type { StackIds } from './definition/definition.ts'
import { DIGITS, drawText, drawUuid, LOWER, UPPER, type Random } from './random.ts'

/** Under which names the user pool and the identity pool of a stack go. */
export interface Ids {
  region: string
  accountId: string
  /** `eu-central-1_AbCdEf123`: clients read the region from it. */
  userPoolId: string
  /** The app client that people sign in with. It has no secret. */
  userPoolClientId: string
  /** `eu-central-1:<uuid>` */
  identityPoolId: string
  /**
   * `https://cognito-idp.REGION.amazonaws.com/POOL`, as on AWS, wherever the stack listens. With `issuer: 'local'` in the
   * definition it is set to the address of the pool's documents as soon as the stack listens.
   */
  issuer: string
  /** The key of the `Logins` map: AWS's issuer without its scheme. */
  provider: string
}

/** Creates the IDs of one stack in AWS's formats. IDs that the definition sets are kept. */
export function drawIds(
  region: string,
  accountId: string,
  random: Random,
  fixed: StackIds = {},
): Ids {
  const userPoolId = fixed.userPoolId ?? `${region}_${drawText(random, LOWER + UPPER + DIGITS, 9)}`
  const provider = `cognito-idp.${region}.amazonaws.com/${userPoolId}`
  return {
    region,
    accountId,
    userPoolId,
    userPoolClientId: fixed.userPoolClientId ?? drawText(random, LOWER + DIGITS, 26),
    identityPoolId: fixed.identityPoolId ?? `${region}:${drawUuid(random)}`,
    issuer: `https://${provider}`,
    provider,
  }
}

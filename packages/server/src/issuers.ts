import { awsDomain } from '@iamfetch/core'
import type { TrustedUserPool } from './options.ts'

/** Every issuer that tokens of a user pool may name: the regional and the global form, and those of its replicas. */
export function issuersOf(pool: TrustedUserPool): string[] {
  return regionsOf(pool).flatMap((region) => {
    const provider = providerName(pool.userPoolId, region)
    return [`https://${provider}`, `https://issuer-${provider}`]
  })
}

/** The user pool's names as a login of an identity pool: `cognito-idp.<region>.amazonaws.com/<pool>`. */
export const providerNames = (pool: TrustedUserPool): string[] =>
  regionsOf(pool).map((region) => providerName(pool.userPoolId, region))

/** User pools by each of their issuers, which are compared in full. */
export const poolsByIssuer = (
  userPools: readonly TrustedUserPool[],
): ReadonlyMap<unknown, TrustedUserPool> =>
  new Map(userPools.flatMap((pool) => issuersOf(pool).map((issuer) => [issuer, pool] as const)))

/** The issuer of a user pool's tokens in the region of the pool. */
export const issuerOf = (userPoolId: string): string =>
  `https://${providerName(userPoolId, homeOf(userPoolId))}`

const regionsOf = ({ userPoolId, replicaRegions = [] }: TrustedUserPool): string[] => [
  ...new Set([homeOf(userPoolId), ...replicaRegions]),
]

const homeOf = (userPoolId: string): string => userPoolId.slice(0, userPoolId.indexOf('_'))

/** unverified: the domain of user pools in the European Sovereign Cloud, taken from AWS's partitions. */
const providerName = (userPoolId: string, region: string): string =>
  `cognito-idp.${region}.${awsDomain(region)}/${userPoolId}`

/** Whether an issuer is a user pool of Cognito, any pool. */
export const isUserPoolIssuer = (issuer: unknown): boolean =>
  typeof issuer === 'string' && USER_POOL_ISSUER.test(issuer)

const USER_POOL_ISSUER =
  /^https:\/\/(issuer-)?cognito-idp\.[a-z0-9-]+\.amazonaws\.(com|com\.cn|eu)\/[\w-]+$/

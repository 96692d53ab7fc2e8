import { awsDomain } from '@iamfetch/core'

/** The URL of a user pool as the issuer of its tokens. */
export function poolIssuer(userPoolId: string): string {
  const region = userPoolId.slice(0, userPoolId.indexOf('_'))
  return `https://cognito-idp.${region}.${awsDomain(region)}/${userPoolId}`
}

/**
 * Returns the same name for all the names of one issuer: the tokens of a user pool name its regional or its global form, or a
 * region that it is replicated to.
 */
export function issuerName(issuer: string): string {
  const userPoolId = POOL_ISSUER.exec(issuer)?.[1]
  return userPoolId === undefined ? issuer.replace(/\/$/, '') : poolIssuer(userPoolId)
}

const POOL_ISSUER =
  /^https:\/\/(?:issuer-)?cognito-idp\.[\w-]+\.amazonaws\.[a-z.]+\/([\w-]+_[a-zA-Z0-9]+)$/

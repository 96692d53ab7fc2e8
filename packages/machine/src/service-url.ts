import { awsDomain, checkSecureUrl, invalidOption } from '@iamfetch/core'

/**
 * Returns the URL of an AWS service.
 *
 * @param owner  The function whose options are checked.
 * @param given  Another endpoint, which is used as it is.
 * @throws `TypeError` for a wrong region, or an endpoint that is not https (or http on loopback).
 */
export function serviceUrl(
  owner: string,
  service: string,
  region: string,
  given: string | URL | undefined,
): string {
  if (typeof region !== 'string' || !/^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(region)) {
    throw invalidOption(owner, '"region" must be an AWS region such as eu-central-1', region)
  }
  if (given === undefined) return `https://${service}.${region}.${awsDomain(region)}/`
  checkSecureUrl(owner, 'endpoint', given)
  return String(given)
}

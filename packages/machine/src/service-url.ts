import { awsDomain } from '@iamfetch/core'
import { isSecureUrl } from './secure-url.ts'

/**
 * The URL of an AWS service.
 *
 * @param given  Another endpoint, which is taken as it is.
 * @throws TypeError for a region that is none, or an endpoint that is not https (or http on loopback).
 */
export function serviceUrl(service: string, region: string, given?: string | URL): string {
  if (!/^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(region)) {
    throw new TypeError('region: a region such as eu-central-1 is needed')
  }
  const url = String(given ?? `https://${service}.${region}.${awsDomain(region)}/`)
  if (!isSecureUrl(url)) throw new TypeError('endpoint: https is needed (http only for loopback)')
  return url
}

import {
  awsDomain,
  checkEndpoint,
  checkOptions,
  invalidOption,
  type OptionNames,
} from '@iamfetch/core'
import type { CognitoOptions } from './credentials.ts'
import type { IdentityStore } from './identity.ts'

const OPTION_NAMES: OptionNames<CognitoOptions> = {
  identityPoolId: true,
  idToken: true,
  guest: 'boolean',
  role: true,
  providerName: 'string',
  subjectOf: 'function',
  endpoint: true,
  identityStore: true,
  fetch: 'function',
  clock: 'clock',
  random: 'function',
  onEvent: 'function',
}

/**
 * Checks the options of `cognitoCredentials`.
 *
 * @returns The URL of Cognito Identity.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkCognitoOptions(options: CognitoOptions): string {
  const owner = 'cognitoCredentials'
  checkOptions(owner, options, OPTION_NAMES)
  const { identityPoolId, idToken, guest, role } = options
  const region = /^([a-z]+(-[a-z]+)+-\d+):[\da-f-]{36}$/i.exec(identityPoolId)?.[1]
  if (!region) {
    throw invalidOption(
      owner,
      '"identityPoolId" must look like eu-central-1:00000000-0000-0000-0000-000000000000 (the ID of a user pool has an underscore)',
      identityPoolId,
    )
  }
  if (guest && idToken) {
    throw invalidOption(owner, '"idToken" and "guest: true" exclude each other')
  }
  if (!guest && typeof idToken !== 'function') {
    throw invalidOption(
      owner,
      '"idToken" must be a function that returns the ID token, unless "guest" is true',
      // Not the value: it may be a token.
      ...(typeof idToken === 'string' ? [] : [idToken]),
    )
  }
  checkRole(owner, role, guest)
  if (options.providerName === '') {
    throw invalidOption(owner, '"providerName" must be the name of a provider in the pool', '')
  }
  checkStore(owner, options.identityStore)
  return endpointOf(options.endpoint, region)
}

/** @throws `TypeError` with the code `INVALID_OPTION` for anything but the ARN of a role, and for a role of a guest. */
export function checkRole(
  owner: string,
  role: string | undefined,
  guest: boolean | undefined,
): string | undefined {
  if (role === undefined) return undefined
  if (guest) throw invalidOption(owner, '"role" cannot be combined with "guest: true"')
  if (typeof role === 'string' && /^arn:[\w-]+:iam::\d{12}:role\/./.test(role)) return role
  throw invalidOption(
    owner,
    '"role" must be an ARN such as arn:aws:iam::123456789012:role/NAME',
    role,
  )
}

/** Errors of a store are ignored later, so one that lacks a function would never be noticed. */
function checkStore(owner: string, store: CognitoOptions['identityStore']): void {
  if (store === undefined) return
  const given: { readonly [name in keyof IdentityStore]?: unknown } = store ?? {}
  if ([given.get, given.set, given.delete].every((method) => typeof method === 'function')) return
  throw invalidOption(owner, '"identityStore" must have the functions "get", "set" and "delete"')
}

/** The endpoint of Cognito Identity: https, or http for a host that is not AWS's, such as a local stack. */
function endpointOf(given: string | undefined, region: string): string {
  if (given === undefined) return `https://cognito-identity.${region}.${awsDomain(region)}/`
  checkEndpoint('cognitoCredentials', given)
  return given
}

import { checkOptions, describeValue, invalidOption, type OptionNames } from '@iamfetch/core'
import type { Proof } from './caller.ts'
import { parseKeySet } from './key-source.ts'
import type { CallerOptions, TrustedLoadBalancer, TrustedUserPool } from './options.ts'

/** The names of {@link CallerOptions}. */
export const CALLER_OPTIONS: OptionNames<CallerOptions> = {
  userPools: true,
  identityPools: true,
  loadBalancers: true,
  kinds: true,
  groups: true,
  scopes: true,
  proof: true,
  verifyToken: true,
  owner: true,
  tenant: true,
  authorizerContext: true,
  kindOf: true,
  lambdaWebAdapter: true,
  fetch: true,
  clock: true,
}

/**
 * Checks the values of options.
 *
 * @param caller  The function that was given the options.
 * @throws {@link TypeError} with the code `INVALID_OPTION`.
 */
export function checkCallerOptions(caller: string, options: CallerOptions): void {
  const { userPools, identityPools, loadBalancers, proof, verifyToken } = options
  checkList(caller, 'userPools', userPools)
  checkList(caller, 'identityPools', identityPools)
  checkList(caller, 'loadBalancers', loadBalancers)
  for (const name of FUNCTION_OPTIONS) {
    const value = options[name]
    if (value !== undefined && typeof value !== 'function') {
      throw invalidOption(caller, `"${name}" must be a function`, value)
    }
  }
  for (const id of identityPools ?? []) {
    if (typeof id !== 'string' || !IDENTITY_POOL_ID.test(id)) {
      throw invalidOption(caller, '"identityPools" must list identity pool IDs', id)
    }
  }
  const { lambdaWebAdapter, clock } = options
  if (lambdaWebAdapter !== undefined && typeof lambdaWebAdapter !== 'boolean') {
    throw invalidOption(caller, '"lambdaWebAdapter" must be true or false', lambdaWebAdapter)
  }
  if (clock !== undefined && typeof clock?.now !== 'function') {
    throw invalidOption(caller, '"clock" must have a method "now"', clock)
  }
  checkUserPools(caller, userPools ?? [])
  checkLoadBalancers(caller, loadBalancers ?? [])
  if (proof !== undefined && !STRENGTHS.includes(proof)) {
    throw invalidOption(caller, `"proof" must be 'none', 'gateway' or 'verified'`, proof)
  }
  if (proof === 'verified' && !userPools && !loadBalancers && !verifyToken) {
    throw invalidOption(
      caller,
      `"proof" 'verified' needs "userPools", "loadBalancers" or "verifyToken" to verify with`,
    )
  }
}

/** Checks an optional list. It must not be empty, which could mean every caller or none. */
export function checkList(caller: string, name: string, list: unknown): void {
  if (list === undefined || (Array.isArray(list) && list.length > 0)) return
  const given = Array.isArray(list) ? 'an empty array' : describeValue(list)
  throw invalidOption(caller, `"${name}" must be an array with at least one entry, got ${given}`)
}

/** Whether a proof is at least as strong as the one that is required. */
export const isAtLeast = (proof: Proof, weakest: Proof): boolean =>
  STRENGTHS.indexOf(proof) >= STRENGTHS.indexOf(weakest)

const STRENGTHS: readonly Proof[] = ['none', 'gateway', 'verified']

const FUNCTION_OPTIONS = [
  'verifyToken',
  'owner',
  'tenant',
  'authorizerContext',
  'kindOf',
  'fetch',
] as const

const USER_POOL_NAMES: OptionNames<TrustedUserPool> = {
  userPoolId: true,
  clientIds: true,
  tokenUse: true,
  replicaRegions: true,
  jwks: true,
}

const LOAD_BALANCER_NAMES: OptionNames<TrustedLoadBalancer> = {
  albArn: true,
  clientId: true,
  issuer: true,
  jwks: true,
}

function checkUserPools(caller: string, userPools: readonly TrustedUserPool[]): void {
  const seen = new Set<string>()
  for (const pool of userPools) {
    checkEntry(`${caller}: "userPools"`, pool, USER_POOL_NAMES)
    const { userPoolId, clientIds, tokenUse, replicaRegions, jwks } = pool
    if (typeof userPoolId !== 'string' || !USER_POOL_ID.test(userPoolId)) {
      throw invalidOption(
        caller,
        '"userPoolId" must have the form eu-central-1_AbCdEfGhI',
        userPoolId,
      )
    }
    if (seen.has(userPoolId)) {
      throw invalidOption(
        caller,
        `"userPools" must name each user pool once, but it names "${userPoolId}" twice`,
      )
    }
    seen.add(userPoolId)
    if (clientIds !== null) checkClientIds(caller, clientIds)
    if (tokenUse !== undefined && tokenUse !== 'id' && tokenUse !== 'access') {
      throw invalidOption(caller, `"tokenUse" must be 'id' or 'access'`, tokenUse)
    }
    if (
      replicaRegions !== undefined &&
      !(isTexts(replicaRegions) && replicaRegions.every(isRegion))
    ) {
      throw invalidOption(caller, '"replicaRegions" must list AWS regions', replicaRegions)
    }
    checkKeys(caller, jwks)
  }
}

function checkLoadBalancers(caller: string, entries: readonly TrustedLoadBalancer[]): void {
  const seen = new Set<string>()
  for (const entry of entries) {
    checkEntry(`${caller}: "loadBalancers"`, entry, LOAD_BALANCER_NAMES)
    const { albArn, clientId, issuer, jwks } = entry
    if (typeof albArn !== 'string' || !ALB_ARN.test(albArn)) {
      throw invalidOption(
        caller,
        '"albArn" must be the ARN of an Application Load Balancer',
        albArn,
      )
    }
    const clients = typeof clientId === 'string' && clientId ? [clientId] : clientId
    if (!isTexts(clients)) {
      throw invalidOption(
        caller,
        '"clientId" must be the client at the identity provider, or a list of clients',
        clientId,
      )
    }
    if (typeof issuer !== 'string' || !issuer) {
      throw invalidOption(caller, '"issuer" must be the issuer of the identity provider', issuer)
    }
    for (const client of clients) {
      const identity = JSON.stringify([albArn, issuer, client])
      if (seen.has(identity)) {
        throw invalidOption(
          caller,
          `"loadBalancers" must name each client once, but it names "${client}" of "${issuer}" twice for one load balancer`,
        )
      }
      seen.add(identity)
    }
    checkKeys(caller, jwks)
  }
}

function checkEntry<Entry extends object>(
  owner: string,
  entry: Entry,
  names: OptionNames<Entry>,
): void {
  if (typeof entry !== 'object' || entry === null) {
    throw invalidOption(owner, 'each entry must be an object', entry)
  }
  checkOptions(owner, entry, names)
}

function checkKeys(caller: string, jwks: TrustedUserPool['jwks']): void {
  if (jwks === undefined || typeof jwks === 'function') return
  const isAddress = typeof jwks === 'string' && isKeyAddress(jwks)
  if (isAddress || (typeof jwks === 'object' && isKeySet(jwks))) return
  throw invalidOption(
    caller,
    '"jwks" must be a key set { keys: […] }, its https URL (http on this machine), or a function that fetches it',
    jwks,
  )
}

function isKeySet(jwks: unknown): boolean {
  try {
    parseKeySet(jwks)
    return true
  } catch {
    return false
  }
}

/** A person who can change the response with the keys can sign tokens, so `http:` is for this machine only. */
function isKeyAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  const isLocal = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLocal)
}

function checkClientIds(caller: string, clientIds: unknown): void {
  if (!Array.isArray(clientIds) || clientIds.length === 0) {
    throw invalidOption(
      caller,
      '"clientIds" must list the app clients, or be null to accept every client of the user pool',
      clientIds,
    )
  }
  const wrong = clientIds.findIndex((id) => typeof id !== 'string' || id === '')
  if (wrong < 0) return
  throw invalidOption(
    caller,
    `"clientIds[${wrong}]" must be the ID of an app client`,
    clientIds[wrong],
  )
}

const isTexts = (list: unknown): list is readonly string[] =>
  Array.isArray(list) &&
  list.length > 0 &&
  list.every((entry) => typeof entry === 'string' && entry !== '')

const isRegion = (text: string): boolean => /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(text)

/** As aws-jwt-verify reads it. */
const USER_POOL_ID = /^(?:eusc-[a-z]{2}|[a-z]{2})-(?:gov-)?[a-z]+-\d_[a-zA-Z0-9]+$/
const IDENTITY_POOL_ID = /^[\w-]+:[0-9a-f-]+$/i
const ALB_ARN = /^arn:aws[\w-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer\/app\/.+$/

import { awsDomain, readText, withTimeLimit, type Clock } from '@iamfetch/core'
import type { Jwk, Jwks } from 'aws-jwt-verify/jwk'
import {
  fixedKeys,
  keysByAddress,
  loadedKeys,
  parseKeySet,
  type KeySource,
  type LoadedKeys,
  type LoadKeys,
} from './key-source.ts'
import type { CallerOptions, TrustedUserPool } from './options.ts'

/** How long a fetch of keys may take, its body included. */
const FETCH_LIMIT_MS = 5_000
/** The most bytes that keys may have. */
const MAX_KEY_BYTES = 262_144

/** How to fetch, and the clock. */
export type Fetching = Required<Pick<CallerOptions, 'clock'>> & Pick<CallerOptions, 'fetch'>

/**
 * Returns the keys of an issuer, as the options give them. The same keys are held for all options that name them in the same
 * way with the same clock, so that options written inline do not fetch them on every call.
 *
 * @param issuerName  The pool or load balancer whose keys they are.
 * @param address     Where they are published.
 */
export function keysOf(
  issuerName: string,
  jwks: TrustedUserPool['jwks'],
  address: string,
  { clock = Date, fetch }: Fetching,
): KeySource {
  if (typeof jwks === 'object') return fixedKeys(parseKeySet(jwks))
  const shared = sharedSources(clock)
  if (typeof jwks === 'function') {
    const load = (): Promise<Jwks> => limited(clock, async () => parseKeySet(await jwks()))
    return shared.byFunction(issuerName, jwks, load)
  }
  const url = jwks ?? address
  return shared.byAddress(fetch, url, () =>
    limited(clock, (signal) => fetchKeys(fetch, url, signal)),
  )
}

/**
 * Returns the keys of the load balancers of a region.
 *
 * @see [AWS: authenticate users, the endpoints of the keys](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html).
 *   The endpoints in GovCloud and China are unverified.
 */
export function albKeysOf(region: string, { clock = Date, fetch }: Fetching): KeySource {
  const address = region.startsWith('us-gov-')
    ? `https://s3-${region}.amazonaws.com/aws-elb-public-keys-prod-${region}`
    : `https://public-keys.auth.elb.${region}.${awsDomain(region)}`
  const load = (keyId: string): Promise<Jwk> =>
    limited(clock, async (signal) => {
      const pem = await fetchText(fetch, `${address}/${keyId}`, signal)
      return jwkOfPem(keyId, pem)
    })
  const source = sharedSources(clock).ofRegion(fetch, address, () => keysByAddress(load, clock))
  // The ID becomes part of the address.
  return { find: async (keyId) => (UUID.test(keyId) ? source.find(keyId) : undefined) }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What is held for one clock. */
interface SharedSources {
  byAddress(fetch: CallerOptions['fetch'], url: string, load: LoadKeys): KeySource
  byFunction(issuerName: string, jwks: () => Promise<unknown>, load: LoadKeys): KeySource
  ofRegion(fetch: CallerOptions['fetch'], url: string, create: () => KeySource): KeySource
}

/** The key for `globalThis.fetch`, which may be replaced at any time. */
const DEFAULT_FETCH = {}
const sourcesOfClocks = new WeakMap<Clock, SharedSources>()

function sharedSources(clock: Clock): SharedSources {
  const known = sourcesOfClocks.get(clock)
  if (known) return known
  const created = createSharedSources(clock)
  sourcesOfClocks.set(clock, created)
  return created
}

function createSharedSources(clock: Clock): SharedSources {
  const ofFetches = new WeakMap<object, Map<string, KeySource>>()
  const ofFunctions = new WeakMap<object, LoadedKeys>()
  const ofSourceTexts = new Map<string, LoadedKeys>()
  const ofFetch = (fetch: CallerOptions['fetch']): Map<string, KeySource> => {
    const owner = fetch ?? DEFAULT_FETCH
    const sources = ofFetches.get(owner) ?? new Map<string, KeySource>()
    ofFetches.set(owner, sources)
    return sources
  }
  const ofRegion: SharedSources['ofRegion'] = (fetch, url, create) => {
    const sources = ofFetch(fetch)
    const source = sources.get(url) ?? create()
    sources.set(url, source)
    return source
  }
  return {
    ofRegion,
    byAddress: (fetch, url, load) => ofRegion(fetch, url, () => loadedKeys(load, clock)),
    byFunction(issuerName, jwks, load) {
      const known = ofFunctions.get(jwks)
      if (known) return known
      // A function that is written inline is a new one on each call. It returns the keys of the same issuer, so
      // functions with the same source text share them. A function without source text (`bind`) is only known by itself.
      const sourceText = `${issuerName}\n${String(jwks)}`
      const isReadable = !sourceText.includes('[native code]')
      const source =
        (isReadable ? ofSourceTexts.get(sourceText) : undefined) ?? loadedKeys(load, clock)
      source.loadWith(load)
      ofFunctions.set(jwks, source)
      if (isReadable) ofSourceTexts.set(sourceText, source)
      return source
    },
  }
}

function limited<T>(clock: Clock, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = (): Error => new Error(`No keys after ${FETCH_LIMIT_MS / 1_000} seconds.`)
  return withTimeLimit(clock, FETCH_LIMIT_MS, late, work)
}

async function fetchKeys(
  fetch: CallerOptions['fetch'],
  url: string,
  signal: AbortSignal,
): Promise<Jwks> {
  return parseKeySet(JSON.parse(await fetchText(fetch, url, signal)))
}

async function fetchText(
  fetch: CallerOptions['fetch'] = globalThis.fetch,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const response = await fetch(url, { signal, redirect: 'error' })
  if (!response.ok) throw new Error(`The response of ${url} has the status ${response.status}.`)
  return readText(response, MAX_KEY_BYTES)
}

async function jwkOfPem(keyId: string, pem: string): Promise<Jwk> {
  const base64 = pem.replace(/-----[A-Z ]+-----|\s/g, '')
  const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('spki', der, algorithm, true, ['verify'])
  const { kty = '', crv = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', key)
  return { kid: keyId, use: 'sig', alg: 'ES256', kty, crv, x, y }
}

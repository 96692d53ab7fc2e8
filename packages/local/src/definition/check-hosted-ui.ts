import { checkClientId } from './check-ids.ts'
import { checkRotation } from './check-user-pool.ts'
import { fail, objectAt, onlyKeys, textsAt } from './place.ts'
import { show } from '../invalid-option.ts'
import { STANDARD_SCOPES } from '../cognito-user-pool/client-settings.ts'

/**
 * Checks the `hostedUi` of a definition.
 *
 * @param known  The scopes of the resource servers.
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkHostedUi(value: unknown, known: readonly string[]): void {
  if (value === undefined) return
  const path = 'hostedUi'
  const hosted = objectAt(value, path, 'an object: { callbackUrls }')
  onlyKeys(hosted, path, ['callbackUrls', 'logoutUrls', 'scopes'])
  const callbacks = textsAt(hosted['callbackUrls'], `${path}.callbackUrls`)
  checkAddresses(hosted, path, callbacks, known)
}

/**
 * Checks one of the `signInClients` of a definition.
 *
 * @param known  The scopes of the resource servers.
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkSignInClient(value: unknown, path: string, known: readonly string[]): void {
  const client = objectAt(value, path, 'an object: { secret, callbackUrls }')
  onlyKeys(client, path, [
    'clientId',
    'secret',
    'callbackUrls',
    'logoutUrls',
    'scopes',
    'refreshTokenRotation',
  ])
  const { secret, callbackUrls } = client
  checkClientId(client['clientId'], `${path}.clientId`)
  if (secret !== undefined && typeof secret !== 'boolean') {
    fail(`${path}.secret`, `must be true or false, got ${show(secret)}`)
  }
  checkRotation(client['refreshTokenRotation'], `${path}.refreshTokenRotation`)
  const callbacks = callbackUrls === undefined ? [] : textsAt(callbackUrls, `${path}.callbackUrls`)
  checkAddresses(client, path, callbacks, known)
}

function checkAddresses(
  { logoutUrls = [], scopes = STANDARD_SCOPES }: Record<string, unknown>,
  path: string,
  callbacks: readonly [path: string, url: string][],
  known: readonly string[],
): void {
  const logouts =
    Array.isArray(logoutUrls) && logoutUrls.length === 0
      ? []
      : textsAt(logoutUrls, `${path}.logoutUrls`)
  for (const [at, url] of [...callbacks, ...logouts]) {
    if (isRedirectTarget(url)) continue
    fail(
      at,
      `must be an absolute URL without a fragment, with https, the scheme of an app, or http for localhost and 127.0.0.1, got ${show(url)}`,
    )
  }
  const all = [...STANDARD_SCOPES, ...known]
  for (const [at, scope] of textsAt(scopes, `${path}.scopes`)) {
    if (!all.includes(scope)) fail(at, `must be one of ${all.join(', ')}, got ${show(scope)}`)
  }
}

/** @see [AWS: app client callback URLs](https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html) */
function isRedirectTarget(text: string): boolean {
  if (!URL.canParse(text) || text.includes('#')) return false
  const { protocol, hostname } = new URL(text)
  if (/^(javascript|data|blob|file|vbscript):$/.test(protocol)) return false
  return protocol !== 'http:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

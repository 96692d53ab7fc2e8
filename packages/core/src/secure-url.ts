import { invalidOption } from './options.ts'

/**
 * Returns whether a secret may be sent to a configured endpoint: `https:`, or `http:` to this very machine; no
 * user, password or fragment in the URL. No host of AWS is reached without TLS this way.
 */
export function isSecureUrl(url: unknown): boolean {
  if (!(typeof url === 'string' || url instanceof URL) || !URL.canParse(url)) return false
  const { protocol, hostname, username, password, hash } = new URL(url)
  if (username || password || hash) return false
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

/**
 * Checks the URL of a configured endpoint that a secret is sent to, with {@link isSecureUrl}.
 *
 * @param owner  The function that was given the option.
 * @param name   The option.
 * @throws `TypeError` with the code `INVALID_OPTION`. The message shows the URL, unless it may contain a secret: in front of
 *   an `@`, in its query or in its fragment.
 */
export function checkSecureUrl(owner: string, name: string, url: unknown): void {
  if (isSecureUrl(url)) return
  const mayBeSecret = /[@?#]/.test(String(url))
  throw invalidOption(
    owner,
    `"${name}" must be an https URL (http only on loopback) without user, password and fragment`,
    ...(mayBeSecret ? [] : [url]),
  )
}

/** @see [RFC 6761 §6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3) for `*.localhost` */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

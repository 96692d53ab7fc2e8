/**
 * Whether a secret may be sent to this URL: https, or http to this very machine; no user, password or fragment.
 */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, hash } = new URL(text)
  if (username || password || hash) return false
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

/** @see [RFC 6761 §6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3) for `*.localhost` */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

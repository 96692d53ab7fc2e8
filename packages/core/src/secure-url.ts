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

/** @see [RFC 6761 §6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3) for `*.localhost` */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

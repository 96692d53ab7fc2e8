/**
 * Returns the name under which a header of a function or of an HTTP server reaches the client of a REST API or a function URL:
 * a challenge in `WWW-Authenticate`, for example, arrives as `x-amzn-Remapped-WWW-Authenticate`.
 *
 * All of them are recorded for functions behind a REST API, `Date`, `Server` and `Content-Length` for HTTP servers behind one.
 * Function URLs are reported to rename `WWW-Authenticate`; the others are unverified there. Of HTTP APIs nothing is known.
 *
 * @see Recorded: LocalStack `TestApiGatewayHeaderRemapping`, 2024-12-11, and `test_http_integration_with_lambda`, 2024-08-07
 */
export const remappedName = (name: string): string =>
  REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name

const REMAPPED: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'trailer',
  'upgrade',
  'user-agent',
  'www-authenticate',
])

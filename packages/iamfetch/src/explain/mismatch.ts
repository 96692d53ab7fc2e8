import { sha256Hex, signParts } from '@iamfetch/sigv4'

/** A line in which two canonical requests differ. Tokens are hidden. */
export interface Difference {
  /** `method`, `path`, `query`, `header host`, `signed headers` or `body`. */
  line: string
  /** What the gateway computed from what reached it. */
  gateway: string
  /** What was signed here. */
  ours: string
}

/**
 * Computes the canonical request of a signed request again, from the request itself.
 *
 * No secret is needed for it.
 *
 * @param signingHost  The host that was signed, if it is not the URL's.
 * @param signingPath  Returns the path that was signed, if it is not the URL's.
 * @returns `undefined` for a request that is not signed, or whose body was read already.
 */
export async function canonicalRequestOf(
  request: Request,
  signingHost?: string,
  signingPath: (path: string) => string = (path) => path,
): Promise<string | undefined> {
  const { names } = signatureOf(request)
  const at = amzDate(request)
  if (!names || Number.isNaN(at) || request.bodyUsed) return undefined
  const { host, pathname, search } = new URL(request.url)
  const headers = names
    .filter((name) => name !== 'x-amz-date')
    .map((name): [string, string] => [
      name,
      name === 'host' ? (signingHost ?? host) : (request.headers.get(name) ?? ''),
    ])
  const body = new Uint8Array(await request.clone().arrayBuffer())
  const signed = signParts(
    { method: request.method, path: signingPath(pathname), query: search.slice(1), headers },
    {
      // The canonical request does not depend on the keys, the region and the service.
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'none' },
      region: 'us-east-1',
      at: new Date(at),
      payloadHash: sha256Hex(body),
    },
  )
  return signed.canonicalRequest
}

/** The parts of the `Authorization` of a signed request; empty, and without `names`, if it is not a signature. */
export function signatureOf({ headers }: Request): {
  accessKeyId: string
  region: string
  service: string
  names: readonly string[] | undefined
} {
  const [, accessKeyId = '', region = '', service = '', names] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+),/.exec(
      headers.get('authorization') ?? '',
    ) ?? []
  return { accessKeyId, region, service, names: names?.split(';') }
}

/** When a request was signed, in milliseconds since the epoch; `NaN` if it has no such date. */
export const amzDate = ({ headers }: Request): number =>
  Date.parse(
    (headers.get('x-amz-date') ?? '').replace(
      /^(....)(..)(..)T(..)(..)(..)Z$/,
      '$1-$2-$3T$4:$5:$6Z',
    ),
  )

/** The canonical request in a gateway's message, if it shows one. */
export function gatewaysCanonicalRequest(message: string): string | undefined {
  const start = message.indexOf(SHOWN_BEFORE)
  if (start < 0) return undefined
  const from = start + SHOWN_BEFORE.length
  const end = message.indexOf(SHOWN_AFTER, from)
  return end < 0 ? undefined : message.slice(from, end)
}

const SHOWN_BEFORE = "Canonical String for this request should have been\n'"
const SHOWN_AFTER = "'\n\nThe String-to-Sign"

/** Compares two canonical requests line by line. Empty if they are the same. */
export function differences(gateway: string, ours: string): Difference[] {
  const theirs = linesOf(gateway)
  const ourLines = linesOf(ours)
  return [...new Set([...ourLines.keys(), ...theirs.keys()])]
    .filter((line) => theirs.get(line) !== ourLines.get(line))
    .map((line) => ({
      line,
      gateway: shown(line, theirs.get(line)),
      ours: shown(line, ourLines.get(line)),
    }))
}

/** @see [AWS: canonical request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request) */
function linesOf(canonicalRequest: string): Map<string, string> {
  const [method = '', path = '', query = '', ...rest] = canonicalRequest.split('\n')
  const end = rest.indexOf('')
  const lines = new Map([
    ['method', method],
    ['path', path],
    ['query', query],
  ])
  for (const header of rest.slice(0, end)) {
    const colon = header.indexOf(':')
    lines.set(`header ${header.slice(0, colon)}`, header.slice(colon + 1))
  }
  return lines.set('signed headers', rest[end + 1] ?? '').set('body', rest[end + 2] ?? '')
}

/** The placeholder for a line that one side does not have. */
export const ABSENT = '(not there)'

/** Headers whose values are secret, or of no use to a reader. */
const SECRET_LINE = /token|identity|authorization|cookie|secret|key/

function shown(line: string, value: string | undefined): string {
  if (value === undefined) return ABSENT
  return SECRET_LINE.test(line) ? `(${value.length} characters)` : value
}

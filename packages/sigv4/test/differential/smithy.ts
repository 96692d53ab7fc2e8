import { createHash, createHmac } from 'node:crypto'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { escaped, hasHeader, TEXT_ONLY, type Form, type Mistake, type Oracle } from './oracle.ts'
import type { Case } from './requests.ts'

/** `node:crypto` in the shape that smithy asks for. */
class NodeSha256 {
  private readonly hash
  constructor(secret?: unknown) {
    this.hash = secret ? createHmac('sha256', secret as Uint8Array) : createHash('sha256')
  }
  update(data: Uint8Array): void {
    this.hash.update(data)
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest())
  }
}

/** Its `HttpRequest` has each header once: values of one name are joined as they would be signed. */
export function headersOnce(one: Case): Case {
  const headers = new Map<string, string>()
  for (const [name, value] of one.parts.headers) {
    const key = name.toLowerCase()
    const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, '')
    headers.set(key, headers.has(key) ? `${headers.get(key)},${trimmed}` : value)
  }
  return { ...one, parts: { ...one.parts, headers: [...headers] } }
}

/** What both of AWS's signers are given. */
export function requestOf({ parts, pairs, body, context }: Case): HttpRequest {
  const bag: Record<string, string[]> = {}
  for (const [key, value] of pairs) {
    if (Object.hasOwn(bag, key)) bag[key]!.push(value)
    else bag[key] = [value]
  }
  return new HttpRequest({
    method: parts.method,
    path: context.normalizePath === false ? escapedOnce(parts.path) : parts.path,
    query: bag,
    headers: Object.fromEntries(parts.headers),
    body,
  })
}

/** What both of AWS's signers are made with; a token that is not signed is one that they do not know. */
export const settingsOf = ({
  context: { credentials, region, service, normalizePath, signSessionToken },
}: Case): ConstructorParameters<typeof SignatureV4>[0] => {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return {
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken && signSessionToken !== false && { sessionToken }),
    },
    region,
    service,
    sha256: NodeSha256,
    applyChecksum: false,
    uriEscapePath: normalizePath !== false,
  }
}

/** Without `uriEscapePath` a path is neither normalised nor encoded; the encoding is done before. */
const escapedOnce = (path: string): string => path.split('/').map(escaped).join('/')

/** Both take the date of a signature for the date of the request. */
export const DROPS_DATE: Mistake = {
  what: 'leaves the header Date out',
  made: (one) => hasHeader(one, /^date$/),
  example: { headers: [['date', 'Thu, 01 Jan 2026 00:00:00 GMT']] },
}

/** Signs as the AWS SDK does today: `@smithy/signature-v4` 5.7, told to sign every header there is. */
export const smithy: Oracle = {
  name: '@smithy/signature-v4 5.7.5',
  says: headersOnce,
  async sign(one, form: Form) {
    const signer = new SignatureV4(settingsOf(one))
    const names = new Set(one.parts.headers.map(([name]) => name.toLowerCase()))
    const options = { signingDate: one.context.at, signableHeaders: names }
    if (form === 'headers') {
      const { headers } = await signer.sign(requestOf(one), {
        ...options,
        signableHeaders: names.add('x-amz-date').add('x-amz-security-token'),
      })
      return headers['authorization']!
    }
    const { query } = await signer.presign(requestOf(one), {
      ...options,
      expiresIn: one.context.expiresInSeconds,
      unhoistableHeaders: names,
    })
    return String(query!['X-Amz-Signature'])
  },
  mistakes: [DROPS_DATE, TEXT_ONLY],
}

import { hideSecrets } from '@iamfetch/core'

/** The headers whose values only the API may see. */
const SECRET_HEADERS = [
  'authorization',
  'cookie',
  'x-amz-iamfetch-identity',
  'x-amz-security-token',
  'x-api-key',
]

/** The secrets in a request that was sent: a server may repeat them. */
export function secretsIn(request: Request | undefined): readonly string[] {
  if (!request) return []
  const values = SECRET_HEADERS.map((name) => request.headers.get(name) ?? '')
  const [authorization = ''] = values
  const [, bearer = ''] = /^(?:Bearer|Basic) +(.+)/i.exec(authorization) ?? []
  const [, signature = ''] = /Signature=([\da-f]+)/.exec(authorization) ?? []
  return [...values, bearer, signature, ...secretsInQuery(request.url)]
}

/** What a presigned URL carries, as it is there and decoded. */
function secretsInQuery(url: string): string[] {
  const parameters = [...url.matchAll(/[?&]x-amz-(?:security-token|signature)=([^&#]+)/gi)]
  return parameters.flatMap(([, value = '']) => [value, decoded(value)])
}

/** A text that was cut off may end in the middle of an escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A copy in which every text is free of secrets, in whatever place it is. */
export function withoutSecrets<T>(value: T, known: readonly string[]): T {
  const copy = (part: unknown): unknown => {
    if (typeof part === 'string') return hideSecrets(part, known)
    if (Array.isArray(part)) return part.map(copy)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [name, copy(member)]))
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy has the type of what was copied
  return copy(value) as T
}

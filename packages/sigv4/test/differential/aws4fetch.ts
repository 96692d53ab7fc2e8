import { AwsV4Signer } from 'aws4fetch'
import { hasHeader, TEXT_ONLY, WIDE_SPACE, type Oracle } from './oracle.ts'
import type { Case } from './requests.ts'

/** A request as it is once a URL was made of it, which resolves dots and escapes what it must. */
export function throughUrl(one: Case): Case {
  const [, host] = one.parts.headers.find(([name]) => name.toLowerCase() === 'host')!
  const path = one.parts.path.replace(/[?#]/g, encodeURIComponent)
  const query = one.parts.query.replaceAll('#', '%23')
  const { pathname, search, searchParams } = new URL(`https://${host}${path}?${query}`)
  return {
    ...one,
    parts: { ...one.parts, path: pathname, query: search.slice(1) },
    pairs: [...searchParams],
  }
}

const cache = new Map<string, ArrayBuffer>()

/** Signs with `aws4fetch` 1.0.20 and its defaults. */
export const aws4fetch: Oracle = {
  name: 'aws4fetch 1.0.20',
  says: throughUrl,
  async sign({ parts, context, body }, form) {
    // It is never emptied otherwise.
    if (cache.size > 1_000) cache.clear()
    const headers = new Headers()
    for (const [name, value] of parts.headers) headers.append(name, value)
    const url = new URL(`https://${headers.get('host')}${parts.path}?${parts.query}`)
    // It has no option for it; what the URL has is kept.
    if (form === 'query') url.search += `&X-Amz-Expires=${context.expiresInSeconds}`
    const { accessKeyId, secretAccessKey, sessionToken } = context.credentials
    const signer = new AwsV4Signer({
      method: parts.method,
      url: url.href,
      headers,
      body,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken && { sessionToken }),
      service: context.service,
      region: context.region,
      datetime: context.at.toISOString().replace(/[:-]|\.\d{3}/g, ''),
      signQuery: form === 'query',
      cache,
      appendSessionToken: context.signSessionToken === false,
    })
    const signed = await signer.sign()
    return form === 'query'
      ? signed.url.searchParams.get('X-Amz-Signature')!
      : signed.headers.get('authorization')!
  },
  mistakes: [
    {
      what: 'leaves a parameter without a name out of the signature and sends it',
      made: ({ pairs }) => pairs.some(([key]) => key === ''),
      example: { query: '=a', pairs: [['', 'a']] },
    },
    {
      what: 'signs a method in capitals that goes over the wire as it is (`patch`)',
      made: ({ parts: { method } }) => method !== method.toUpperCase(),
      example: { method: 'patch' },
    },
    {
      what: 'leaves headers out that hops may change',
      made: (one) =>
        hasHeader(
          one,
          /^(connection|content-length|content-type|expect|presigned-expires|range|user-agent|x-amzn-trace-id)$/,
        ),
      example: { headers: [['content-type', 'text/plain']] },
    },
    {
      what: 'joins the values of a header by a comma and a space, where AWS has a comma',
      made: joinsOtherwise,
      example: {
        headers: [
          ['a', 'b'],
          ['a', 'c'],
        ],
      },
    },
    {
      what: 'takes // for / also where the path is to stay as it is',
      made: ({ parts, context }) => context.normalizePath === false && parts.path.includes('//'),
      example: { path: '/a//b', normalizePath: false },
    },
    WIDE_SPACE,
    TEXT_ONLY,
  ],
}

function joinsOtherwise({ parts: { headers } }: Case): boolean {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  return [...names].some((one) => {
    const values = headers.flatMap(([name, value]) =>
      name.toLowerCase() === one ? [value.replace(/^[ \t]+|[ \t]+$/g, '')] : [],
    )
    return values.join(', ').replace(/^ | $/g, '') !== values.join(',')
  })
}

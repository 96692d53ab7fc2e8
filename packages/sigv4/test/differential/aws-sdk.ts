import { SignatureV4 } from '@aws-sdk/signature-v4'
import { escaped, hasHeader, TEXT_ONLY, WIDE_SPACE, type Form, type Oracle } from './oracle.ts'
import type { Case } from './requests.ts'
import { DROPS_DATE, headersOnce, requestOf, settingsOf } from './smithy.ts'

/**
 * Signs as the AWS SDK did in 2023: `@aws-sdk/signature-v4` 3.374, which is `@smithy/signature-v4` 1.1, with its
 * defaults.
 */
export const awsSdk: Oracle = {
  name: '@aws-sdk/signature-v4 3.374.0',
  says: headersOnce,
  async sign(one, form) {
    const signer = new SignatureV4(settingsOf(one))
    const { at: signingDate, expiresInSeconds: expiresIn } = one.context
    if (form === 'headers') {
      const { headers } = await signer.sign(requestOf(one), { signingDate })
      return headers['authorization']!
    }
    const unhoistableHeaders = new Set(one.parts.headers.map(([name]) => name.toLowerCase()))
    const options = { signingDate, expiresIn, unhoistableHeaders }
    const { query } = await signer.presign(requestOf(one), options)
    return String(query!['X-Amz-Signature'])
  },
  mistakes: [
    {
      what: "leaves !'()* in a path as they are (smithy-typescript#1226 fixed it in 2.3.0)",
      made: ({ parts, context }) =>
        context.normalizePath !== false && /[!'()*]/.test(normalised(parts.path)),
      example: { path: '/a*' },
    },
    {
      what: 'sorts a query before it encodes it',
      made: sortsWrongly,
      example: {
        query: '%C3%A9=1&z=2',
        pairs: [
          ['é', '1'],
          ['z', '2'],
        ],
      },
    },
    {
      what: 'leaves headers out that hops may change, and whatever every object has (`constructor`)',
      made: (one) =>
        hasHeader(
          one,
          /^(cache-control|connection|constructor|expect|from|keep-alive|max-forwards|pragma|referer|te|trailer|transfer-encoding|upgrade|user-agent|x-amzn-trace-id|(proxy|sec)-.*)$/,
        ),
      example: { headers: [['constructor', 'a']] },
    },
    WIDE_SPACE,
    DROPS_DATE,
    TEXT_ONLY,
  ],
}

function normalised(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment && segment !== '.') kept.push(segment)
  }
  return kept.join('/')
}

/** Whether the order of the decoded parameters is another than that of the encoded ones. */
function sortsWrongly({ pairs, context }: Case, form: Form): boolean {
  const added = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders']
  if (context.credentials.sessionToken && context.signSessionToken !== false) {
    added.push('Security-Token')
  }
  const all = [
    ...pairs,
    ...(form === 'query' ? added.map((name) => [`X-Amz-${name}`, ''] as const) : []),
  ]
  const before = all.toSorted(byText).map(encoded)
  const after = all.map(encoded).toSorted(byText)
  return before.join() !== after.join()
}

type Pair = readonly [string, string]
const encoded = ([key, value]: Pair): Pair => [escaped(key), escaped(value)]
const byText = ([a, b]: Pair, [c, d]: Pair): number => {
  const [left, right] = a === c ? [b, d] : [a, c]
  return left < right ? -1 : Number(left > right)
}

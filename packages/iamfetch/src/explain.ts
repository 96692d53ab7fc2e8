import { gatewayMessage, type Clock, type Credentials } from '@iamfetch/core'
import { answerTo } from './explain/answer-to.ts'
import { culpritsOf } from './explain/culprit.ts'
import { denial } from './explain/denial.ts'
import type { Explanation, ExplanationPart } from './explain/explanation.ts'
import { hiddenReason } from './explain/hidden.ts'
import { canonicalRequestOf, differences, gatewaysCanonicalRequest } from './explain/mismatch.ts'
import { lookInto } from './explain/ruled-out.ts'
import { requestOf } from './explain/sent.ts'
import { secretsIn, withoutSecrets } from './explain/secrets.ts'
import { apiKindOf, statusWords } from './explain/surface.ts'
import { whyUnreachable, type Probe } from './explain/unreachable.ts'
import { readRefusal } from './refusal.ts'
import { refusalText } from './refusal-text.ts'

export type { ApiKind, Explanation, Setting } from './explain/explanation.ts'
export type { Difference } from './explain/mismatch.ts'
export { rememberRequests } from './explain/sent.ts'
export type { Probe } from './explain/unreachable.ts'
export type { Refusal, RefusalCode } from './refusal.ts'

/** What helps to explain; each part makes the explanation more exact, none is needed. */
export interface ExplainOptions {
  /** A copy of the signed request, unread. Left out: the one that `rememberRequests` kept. */
  request?: Request | undefined
  /** The host that was signed for, where it is not the URL's. */
  signingHost?: string | undefined
  /** What was given as `signingPath`: the path that was signed, where it is not the URL's. */
  signingPath?: ((path: string) => string) | undefined
  /** The role that should have called, by name or ARN. */
  role?: string | undefined
  /** When the credentials that signed end. */
  credentials?: Pick<Credentials, 'expiration'> | undefined
  /** For an error: asks the API's origin once, unsigned, whether it answers. `fetch` is one. @default none */
  probe?: Probe | undefined
  /** The corrected one of the credentials' source. @default Date */
  clock?: Clock | undefined
}

/**
 * Explains a refusal, or an error that `createIamFetch` threw: why, whose fault, what to change.
 *
 * For REST APIs, HTTP APIs, Lambda function URLs, AWS's own JSON services and the local stack. Call it before the answer's body is read; the
 * body stays readable. Nothing is sent, unless `probe` is given and the call had no readable answer.
 *
 * @param answer  The `Response`, or what was thrown.
 * @see [AWS: troubleshoot 403 errors](https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden)
 */
export async function explain(answer: unknown, options: ExplainOptions = {}): Promise<Explanation> {
  const request = options.request ?? requestOf(answer)
  // Whatever a server repeats, in whatever place: no token and no signature is shown.
  return withoutSecrets(await explained(answer, request, options), secretsIn(request))
}

async function explained(
  answer: unknown,
  request: Request | undefined,
  options: ExplainOptions,
): Promise<Explanation> {
  const { credentials, clock = Date } = options
  if (!isResponse(answer)) {
    const url =
      request?.url ?? /^\S+ (https?:\S+):/.exec(answer instanceof Error ? answer.message : '')?.[1]
    const found = await whyUnreachable(answer, url, options.probe)
    const hidden = found.code === 'HIDDEN_BY_CORS' || found.code === 'NETWORK_OR_CORS'
    const looked = hidden
      ? lookInto({ request, response: undefined, credentials, clock })
      : { ruledOut: [], suspects: [] }
    return { ...found, api: 'unknown', rule: '', ...looked }
  }
  const message = gatewayMessage(await refusalText(answer)) ?? ''
  const api = apiKindOf(answer, request?.url)
  const type = errorTypeOf(answer.headers)
  const [said = ''] = message.split('\n', 1)
  const rule = [answer.status, type, said].filter(Boolean).join(' ')
  const looked = lookInto({ request, response: answer, credentials, clock })
  const refusal = readRefusal(answer, message)
  // AWS's own services refuse with a 400 what gateways refuse with a 403.
  const refused =
    answer.status === 400
      ? refusal.code !== 'UNKNOWN'
      : answer.status === 401 || answer.status === 403
  if (!refused) return { ...statusWords(answer), api, rule, ...looked, suspects: [] }
  const base = { code: refusal.code, api, rule, refusal, ruledOut: looked.ruledOut }
  if (refusal.code === 'FORBIDDEN') {
    return { ...base, ...hiddenReason(refusal, api, looked.suspects, request, options.role) }
  }
  const plain = { ...base, why: refusal.sentence, suspects: [] }
  if (refusal.code === 'SIGNATURE_MISMATCH') {
    const found = await mismatch(message, request, options)
    return { ...plain, ...found }
  }
  if (refusal.code === 'ACCESS_DENIED') return { ...plain, ...denial(refusal, options.role) }
  const [whose, ...change] = answerTo(refusal.code)
  return { ...plain, whose, change }
}

async function mismatch(
  message: string,
  request: Request | undefined,
  { signingHost, signingPath }: ExplainOptions,
): Promise<ExplanationPart & Pick<Explanation, 'suspects'>> {
  const theirs = gatewaysCanonicalRequest(message)
  const ours = request && (await canonicalRequestOf(request, signingHost, signingPath))
  if (theirs && ours) {
    const found = differences(theirs, ours)
    const culprits = culpritsOf(found)
    return {
      why: culprits.map(({ sentence }) => sentence).join(' '),
      whose: culprits[0].whose,
      change: culprits.map(({ change }) => change),
      differences: found,
      suspects: [],
    }
  }
  return {
    why: `The gateway computed another signature${theirs ? '.' : ' and does not show what from.'}`,
    whose: 'unknown',
    change: theirs
      ? [
          'Remember the requests, and the line that differs can be named: createIamFetch({ fetch: rememberRequests() }).',
        ]
      : ['Call the API directly, without proxy and CDN: if that works, they change the request.'],
    suspects: [
      'A proxy or CDN changed the host, the path or the query.',
      'The content type or another signed header was rewritten.',
      'The body was changed after signing.',
      'The secret access key does not belong to the access key ID.',
    ],
  }
}

/** The error type, without what AWS appends to it. Anything else in its place is not shown. */
function errorTypeOf(headers: Headers): string {
  const [type = ''] = (headers.get('x-amzn-errortype') ?? '').split(/[:,]/, 1)
  return /^[A-Za-z]{1,60}$/.test(type) ? type : ''
}

/** By its shape: a `Response` of another realm or a polyfill is one as well. */
const isResponse = (answer: unknown): answer is Response =>
  typeof answer === 'object' && answer !== null && 'status' in answer && 'headers' in answer

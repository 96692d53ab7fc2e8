import {
  checkOptions,
  invalidOption,
  type Clock,
  type Credentials,
  type OptionNames,
} from '@iamfetch/core'
import { readCorsMessage, type CorsFault } from './explain/cors-message.ts'
import { explainCors } from './explain/cors.ts'
import { explainDenial } from './explain/denial.ts'
import type { ApiKind, Explanation, ExplanationPart } from './explain/explanation.ts'
import { explainHidden } from './explain/hidden-reason.ts'
import { causesOf } from './explain/mismatch-cause.ts'
import { canonicalRequestOf, differences, gatewaysCanonicalRequest } from './explain/mismatch.ts'
import { adviceFor } from './explain/remedies.ts'
import { requestOf } from './explain/remembered-requests.ts'
import { checkRequest } from './explain/request-checks.ts'
import { explainScope } from './explain/scope.ts'
import { secretsIn, withoutSecrets } from './explain/secrets.ts'
import { apiKindOf, explainStatus } from './explain/status.ts'
import { explainUnreachable, type Probe } from './explain/unreachable.ts'
import { errorTypeOf, readRefusal } from './refusal.ts'
import type { RefusalKind } from './refusal/kinds.ts'
import { readContent } from './refusal/response-text.ts'
import { SERVICES } from './refusal/services.ts'

export type { ApiKind, Explanation, Setting } from './explain/explanation.ts'
export type { Difference } from './explain/mismatch.ts'
export { rememberRequests } from './explain/remembered-requests.ts'
export type { Probe } from './explain/unreachable.ts'
export type { DenyingPolicy, Refusal, RefusalCode } from './refusal.ts'

/** What makes an explanation more exact; nothing of it is required. */
export interface ExplainOptions {
  /** A copy of the signed request, unread. Defaults to the one that `rememberRequests` kept. */
  request?: Request | undefined
  /** The host that was signed for, if it is not the URL's. */
  signingHost?: string | undefined
  /** What was passed as `signingPath`: returns the path that was signed, if it is not the URL's. */
  signingPath?: ((path: string) => string) | undefined
  /** The role that should have called, by name or ARN. */
  role?: string | undefined
  /** When the credentials that signed expire. */
  credentials?: Pick<Credentials, 'expiration'> | undefined
  /** For an error: calls the origin of the API once, unsigned, to see whether it responds. `fetch` is one. @default none */
  probe?: Probe | undefined
  /** The corrected clock of the credentials' source. @default Date */
  clock?: Clock | undefined
}

/**
 * Explains a refusal, or an error that `createIamFetch` threw: what happened, who is responsible, what to do.
 *
 * For REST, HTTP and WebSocket APIs, Lambda function URLs, AppSync, VPC Lattice, CloudFront, AWS's own services and the local
 * stack. Call it before the body of the response is read; the body stays readable. Nothing is sent, unless `probe` is given and the call had no readable response.
 * Tokens, secrets and signatures are hidden in every field.
 *
 * @param answer  The `Response`, what was thrown, or the text that the console of a browser prints about CORS.
 * @see [AWS: troubleshoot 403 errors](https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden)
 * @example
 * ```ts
 * const response = await iamFetch('/notes')
 * if (!response.ok) {
 *   const { message, remedy } = await explain(response)
 *   console.warn(message, ...remedy)
 * }
 * ```
 */
export async function explain(answer: unknown, options: ExplainOptions = {}): Promise<Explanation> {
  checkOptions('explain', options, NAMES)
  if (options.request !== undefined && !isRequest(options.request)) {
    throw invalidOption('explain', '"request" must be a Request', options.request)
  }
  const request = options.request ?? requestOf(answer)
  const explanation = await explanationOf(answer, request, options)
  // Whatever a server repeats, in whatever place: no token and no signature is shown.
  return withoutSecrets(explanation, secretsIn(request))
}

/** By its shape: a `Request` of another realm or of a polyfill is one, too. */
const isRequest = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'url' in value && 'headers' in value

const NAMES: OptionNames<ExplainOptions> = {
  request: true,
  signingHost: 'string',
  signingPath: 'function',
  role: 'string',
  credentials: true,
  probe: 'function',
  clock: 'clock',
}

async function explanationOf(
  answer: unknown,
  request: Request | undefined,
  options: ExplainOptions,
): Promise<Explanation> {
  if (isResponse(answer)) return explainResponse(answer, request, options)
  const fault = typeof answer === 'string' ? readCorsMessage(answer) : undefined
  return fault ? explainConsole(fault) : explainError(answer, request, options)
}

function explainConsole(fault: CorsFault): Explanation {
  const code = fault.lacks === 'connection' ? 'UNREACHABLE' : 'HIDDEN_BY_CORS'
  return { code, ...explainCors(fault), api: 'unknown', rule: '', ruledOut: [], suspects: [] }
}

async function explainError(
  error: unknown,
  request: Request | undefined,
  { credentials, clock = Date, probe }: ExplainOptions,
): Promise<Explanation> {
  const message = error instanceof Error ? error.message : ''
  const url = request?.url ?? /^\S+ (https?:\S+):/.exec(message)?.[1]
  const unreachable = await explainUnreachable(error, url, probe)
  const mayBeRefusal =
    unreachable.code === 'HIDDEN_BY_CORS' || unreachable.code === 'NETWORK_OR_CORS'
  const checks = mayBeRefusal
    ? checkRequest({ request, response: undefined, credentials, clock })
    : { ruledOut: [], suspects: [] }
  return { ...unreachable, api: 'unknown', rule: '', ...checks }
}

async function explainResponse(
  response: Response,
  request: Request | undefined,
  options: ExplainOptions,
): Promise<Explanation> {
  const { credentials, clock = Date, role } = options
  const content = await readContent(response)
  const api = apiKindOf(response, content, request?.url)
  const type = errorTypeOf(response.headers) || content.type
  const rule = [response.status, type, content.words.split('\n', 1)[0]].filter(Boolean).join(' ')
  const { ruledOut, suspects } = checkRequest({ request, response, credentials, clock })
  const { kind, refusal } = readRefusal(response, content, SERVICES)
  const { code } = refusal
  if (!isRefusal(response, kind)) {
    return { ...explainStatus(response), api, rule, ruledOut, suspects: [] }
  }
  const common = { code, api, rule, refusal, ruledOut }
  if (kind === 'forbidden') {
    const hidden = { refusal, api, found: suspects, request, expected: role }
    return { ...common, ...explainHidden(hidden) }
  }
  if (kind === 'signature-mismatch') {
    return { ...common, ...(await explainMismatch(content.words, api, request, options)) }
  }
  if (kind === 'access-denied') {
    return { ...common, ...explainDenial(refusal, role), suspects: [] }
  }
  const scope = kind === 'wrong-scope' ? explainScope(content.words) : undefined
  return { ...common, message: refusal.message, ...(scope ?? adviceFor(kind)), suspects: [] }
}

/**
 * AWS's own services refuse with a 400, unless it says something else; gateways with 401 and 403; AppSync denies single fields
 * of a response with a 200.
 */
function isRefusal({ status }: Response, kind: RefusalKind): boolean {
  if (status === 401 || status === 403) return true
  return (status === 400 || status === 200) && kind !== 'unknown'
}

async function explainMismatch(
  text: string,
  api: ApiKind,
  request: Request | undefined,
  { signingHost, signingPath }: ExplainOptions,
): Promise<ExplanationPart & Pick<Explanation, 'suspects'>> {
  const theirs = gatewaysCanonicalRequest(text)
  const ours = request && (await canonicalRequestOf(request, signingHost, signingPath))
  if (theirs === undefined || ours === undefined) {
    return unknownMismatch(theirs !== undefined, api)
  }
  const mismatch = differences(theirs, ours)
  const causes = causesOf(mismatch)
  return {
    message: causes.map(({ message }) => message).join(' '),
    responsible: causes[0].responsible,
    remedy: causes.map(({ remedy }) => remedy),
    differences: mismatch,
    suspects: [],
  }
}

const unknownMismatch = (
  isShown: boolean,
  api: ApiKind,
): ExplanationPart & Pick<Explanation, 'suspects'> => ({
  message: isShown
    ? 'The gateway computed another signature.'
    : 'The gateway computed another signature and does not show what from.',
  responsible: 'unknown',
  remedy: [
    ...(isShown
      ? [
          'Remember the requests, so that the line that differs can be named: createIamFetch({ fetch: rememberRequests() }).',
        ]
      : [
          'Call the API directly, without proxy and CDN: if that succeeds, they change the request.',
        ]),
    ...(api === 'lambda-url' ? [CONTENT_HASH] : []),
  ],
  suspects: [
    'A proxy or CDN changed the host, the path or the query.',
    'The content type or another signed header was rewritten.',
    'The body was changed after signing.',
    'The secret access key does not belong to the access key ID.',
  ],
})

/** @see [AWS: origin access control for function URLs](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html) */
const CONTENT_HASH =
  'Behind CloudFront with origin access control, send the SHA-256 of the body in x-amz-content-sha256: CloudFront signs the request and does not read its body.'

/** By its shape: a `Response` of another realm or of a polyfill is one, too. */
const isResponse = (answer: unknown): answer is Response =>
  typeof answer === 'object' && answer !== null && 'status' in answer && 'headers' in answer

import type { Context, Hono } from 'hono'
import { rawCallOf, type NodeBindings } from '../aws-json/aws-json.ts'
import { Refusal } from '../aws-json/service-error.ts'
import { applyFault } from '../faults/apply-fault.ts'
import type { Faults } from '../faults/faults.ts'
import { headerText } from '../http/printable.ts'
import { bodyOf } from '../http/request-body.ts'
import { sessionArn, sessionUserId } from '../iam/session-names.ts'
import type { Sessions } from '../iam/sessions.ts'
import { signerOf, type ServicePlace } from '../iam/signed-operation.ts'
import { drawUuid, type Random } from '../random.ts'

/** What STS is made of. */
export interface Sts extends ServicePlace {
  sessions: Sessions
  faults: Faults
  random: Random
}

/**
 * Serves `GetCallerIdentity` of STS: AWS's query protocol at `POST /`, and at `GET /` for a presigned URL. Every signed caller
 * may call it, whatever the policy says. Nothing else of STS is supported.
 *
 * @see [AWS: GetCallerIdentity](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html),
 *   [common errors](https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html)
 */
export function serveSts(app: Hono<NodeBindings>, sts: Sts): void {
  app.post('/', async (c) => {
    const body = await bodyOf(c.req.raw)
    return handle(sts, c, new URLSearchParams(new TextDecoder().decode(body)), body)
  })
  app.get('/', (c, next) => {
    const { searchParams } = new URL(c.req.url)
    return searchParams.has('Action') ? handle(sts, c, searchParams, new Uint8Array()) : next()
  })
}

async function handle(
  sts: Sts,
  c: Context<NodeBindings>,
  parameters: URLSearchParams,
  body: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const { faults, clock } = sts
  const requestId = drawUuid(sts.random)
  const refused = (refusal: Refusal): Response => errorResponse(refusal, requestId)
  const action = parameters.get('Action') ?? ''
  if (action !== OPERATION) {
    const message = `The local stack does not support the action "${headerText(action).slice(0, 100)}" of STS. It supports ${OPERATION}.`
    return refused(new Refusal('InvalidAction', message, 'no such action here'))
  }
  const fault = await applyFault(faults.take(OPERATION), {
    clock,
    signal: c.req.raw.signal,
    socket: c.env?.incoming?.socket,
    throttled: () => refused(new Refusal('Throttling', 'Rate exceeded', 'a fault')),
    refused: ({ type, message, status }) => refused(new Refusal(type, message, 'a fault', status)),
    failed: () => refused(new Refusal('InternalFailure', 'Internal error', 'a fault', 500)),
  })
  if (fault) return fault
  try {
    const session = await signerOf(rawCallOf(c, body), 'sts', sts.sessions, sts)
    const { accountId } = sts
    return xml(200, requestId, [
      `<GetCallerIdentityResponse xmlns="${NAMESPACE}">`,
      '<GetCallerIdentityResult>',
      `<Arn>${sessionArn(accountId, session)}</Arn>`,
      `<UserId>${sessionUserId(session)}</UserId>`,
      `<Account>${accountId}</Account>`,
      '</GetCallerIdentityResult>',
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`,
      '</GetCallerIdentityResponse>',
    ])
  } catch (error) {
    if (error instanceof Refusal) return refused(error)
    throw error
  }
}

const OPERATION = 'GetCallerIdentity'
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'

/** The names of signature faults at STS. */
const CODES: Readonly<Record<string, string>> = {
  InvalidSignatureException: 'SignatureDoesNotMatch',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ExpiredTokenException: 'ExpiredToken',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  IncompleteSignatureException: 'IncompleteSignature',
}

/** Faults of a signature are a 403, everything else has its own status. */
function errorResponse({ type, message, reason, status }: Refusal, requestId: string): Response {
  const code = CODES[type]
  const response = xml(code === undefined ? status : 403, requestId, [
    `<ErrorResponse xmlns="${NAMESPACE}">`,
    `<Error><Type>Sender</Type><Code>${escaped(code ?? type)}</Code>`,
    `<Message>${escaped(message)}</Message></Error>`,
    `<RequestId>${requestId}</RequestId>`,
    '</ErrorResponse>',
  ])
  if (reason !== undefined) response.headers.set('x-local-reason', headerText(reason))
  return response
}

const xml = (status: number, requestId: string, lines: readonly string[]): Response =>
  new Response(lines.join('\n'), {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
  })

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

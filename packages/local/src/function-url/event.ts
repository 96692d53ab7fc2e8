import { createHash } from 'node:crypto'
import type { Admitted, Place } from '../api-gateway/event.ts'
import { eventOfHttpApi } from '../api-gateway/http-api/event.ts'
import type { RawRequest } from '../http/raw-request.ts'
import { sessionArn, sessionUserId } from '../iam/session-names.ts'
import type { Session } from '../iam/sessions.ts'

/**
 * Creates the event of a function URL: format 2.0, with `$default` for route and stage.
 *
 * The path keeps its escapes, unlike that of an HTTP API (captured on AWS: middleapi/standard-server#93). `domainName` is that
 * of AWS, so that a function recognizes the event; the host that was called is among the headers.
 *
 * @see [AWS: events of function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads)
 * @see The fixtures of aws-powertools/powertools-lambda-python: `lambdaFunctionUrlEvent.json`, `lambdaFunctionUrlIAMEvent.json`
 */
export function eventOfFunctionUrl(
  request: RawRequest,
  place: Place,
  session: Session | undefined,
): Record<string, unknown> {
  const { accountId, apiId, region, sent, requestId, now } = place
  const match = { key: '$default', route: { auth: 'none' as const }, parameters: {} }
  const unknown: Admitted = {}
  const event = eventOfHttpApi(request, match, { ...place, path: sent.path }, unknown)
  const { requestContext } = event
  return {
    ...event,
    requestContext: {
      ...(typeof requestContext === 'object' && requestContext),
      accountId: session ? accountId : 'anonymous',
      ...(session && { authentication: null, authorizer: { iam: identityOf(session, accountId) } }),
      domainName: `${apiId}.lambda-url.${region}.on.aws`,
      requestId,
      timeEpoch: now,
    },
  }
}

/** A function URL never has a Cognito identity: AWS sets it to `null`. */
const identityOf = (session: Session, accountId: string): object => ({
  accessKey: session.accessKeyId,
  accountId,
  callerId: sessionUserId(session),
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: sessionArn(accountId, session),
  userId: sessionUserId(session),
})

/** Returns the ID of a function URL: the same for the same function. AWS's own have 32 letters and digits, too. */
export const urlIdOf = (functionArn: string): string =>
  createHash('sha256').update(functionArn).digest('hex').slice(0, 32)

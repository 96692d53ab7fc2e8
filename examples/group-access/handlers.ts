// The Lambda functions of the API: the local stack calls them, a deployment bundles this file. They are async,
// because Lambda waits for a promise.

/** The identity that the gateway puts into a payload 2.0 event of an IAM-authorised route. */
interface SignedEvent {
  body?: string
  requestContext: { authorizer: { iam: { userArn: string } } }
}

interface Answer {
  message: string
  role: string
  received?: unknown
}

/** `GET /test`. */
export const read = async (event: SignedEvent): Promise<Answer> => ({
  message: 'You may read.',
  role: roleOf(event),
})

/** `POST /test`: says what came, so that one sees the body arrive. */
export const write = async (event: SignedEvent): Promise<Answer> => ({
  message: 'You may write.',
  role: roleOf(event),
  received: JSON.parse(event.body ?? 'null'),
})

const roleOf = (event: SignedEvent): string =>
  event.requestContext.authorizer.iam.userArn.split('/')[1] ?? 'unknown'

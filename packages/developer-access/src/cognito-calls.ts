import { backoffMs, IamFetchError, sleep, type Clock, type ErrorCode } from '@iamfetch/core'
import type { Pace } from './pace.ts'

/** How the user pool is reached. */
export interface CognitoCallOptions {
  url: string
  fetch: typeof globalThis.fetch
  clock: Clock
  /** Before each attempt. */
  turn: Pace
  random: () => number
}

/** Calls one operation: members in, members out. Nothing where what it is about is not there. */
export type CognitoCall = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>> | undefined>

const MOST_ATTEMPTS = 4

/**
 * Makes the calls of Cognito's JSON API.
 *
 * What was throttled or met another change was not done, and is tried again, four times in all. Everything else
 * is told as it is: after a lost answer only the caller knows whether repeating is right.
 *
 * @throws {@link IamFetchError} `THROTTLED`, `QUOTA_EXHAUSTED`, `INVALID_SCOPE`, `FORBIDDEN`, `REQUEST_INVALID`,
 *   `SERVICE_UNAVAILABLE`, `UNEXPECTED_ANSWER`; `status` is absent where no answer came.
 * @see [AWS: common errors of Cognito user pools](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html)
 */
export function cognitoCalls(options: CognitoCallOptions): CognitoCall {
  return async (operation, input) => {
    for (let attempt = 0; ; attempt++) {
      await options.turn()
      const { answer, error } = await ask(options, operation, input)
      if (error === undefined) return answer
      const again = error.code === 'THROTTLED' && attempt < MOST_ATTEMPTS - 1
      if (!again) throw error
      await sleep(options.clock, backoffMs(attempt, { random: options.random }))
    }
  }
}

interface Asked {
  answer?: Readonly<Record<string, unknown>>
  error?: IamFetchError
}

async function ask(
  { url, fetch }: CognitoCallOptions,
  operation: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Asked> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(input),
    })
    text = await response.text()
  } catch (cause) {
    return { error: failed('SERVICE_UNAVAILABLE', operation, { cause }) }
  }
  const { status, ok, headers } = response
  const requestId = headers.get('x-amzn-requestid') ?? undefined
  const members = objectOf(text)
  if (ok) {
    if (members) return { answer: members }
    // An operation without output may answer with an empty body.
    if (text === '') return { answer: {} }
    return { error: failed('UNEXPECTED_ANSWER', operation, { requestId }) }
  }
  // `aws.cognito#NotFound`, or `NotFound:http://…` in the header.
  const said = members?.['__type'] ?? headers.get('x-amzn-errortype')
  const type = /^(?:.*#)?(\w+)/.exec(typeof said === 'string' ? said : '')?.[1] ?? ''
  const pool = /user pool (?!client)/i.test(String(members?.['message'] ?? members?.['Message']))
  if (type === 'ResourceNotFoundException' && !pool) return {}
  return { error: failed(codeOf(type, status), operation, { type, status, requestId }) }
}

function failed(
  code: ErrorCode,
  operation: string,
  {
    type,
    ...details
  }: { type?: string; status?: number; requestId?: string | undefined; cause?: unknown },
): IamFetchError {
  return new IamFetchError(code, `Cognito did not do ${operation}${type ? `: ${type}` : ''}.`, {
    remedy: REMEDIES[code] ?? 'Look for the request ID in CloudTrail.',
    retryable: code === 'THROTTLED' || code === 'SERVICE_UNAVAILABLE',
    ...details,
  })
}

function codeOf(type: string, status: number): ErrorCode {
  const known = BY_TYPE.get(type)
  if (known) return known
  if (status === 429) return 'THROTTLED'
  if (status >= 500) return 'SERVICE_UNAVAILABLE'
  return status === 403 ? 'FORBIDDEN' : 'UNEXPECTED_ANSWER'
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read && !Array.isArray(read) ? { ...read } : undefined
  } catch {
    return undefined
  }
}

const BY_TYPE: ReadonlyMap<string, ErrorCode> = new Map(
  Object.entries<ErrorCode>({
    TooManyRequestsException: 'THROTTLED',
    ThrottlingException: 'THROTTLED',
    ConcurrentModificationException: 'THROTTLED',
    LimitExceededException: 'QUOTA_EXHAUSTED',
    ScopeDoesNotExistException: 'INVALID_SCOPE',
    InvalidOAuthFlowException: 'REQUEST_INVALID',
    InvalidParameterException: 'REQUEST_INVALID',
    ResourceNotFoundException: 'REQUEST_INVALID',
    NotAuthorizedException: 'FORBIDDEN',
    AccessDeniedException: 'FORBIDDEN',
    UnrecognizedClientException: 'FORBIDDEN',
    InvalidSignatureException: 'FORBIDDEN',
    ExpiredTokenException: 'FORBIDDEN',
    MissingAuthenticationTokenException: 'FORBIDDEN',
    InternalErrorException: 'SERVICE_UNAVAILABLE',
  }),
)

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  THROTTLED: 'Cognito takes 5 changes a second for a user pool. Repeat later.',
  QUOTA_EXHAUSTED:
    'A user pool has 1,000 app clients unless AWS raises it, and a client two secrets. Ask AWS, or issue opaque keys.',
  INVALID_SCOPE: 'Make the scope known to a resource server of the user pool.',
  FORBIDDEN: 'Give the role that signs the permissions that the README lists.',
  REQUEST_INVALID: 'Compare userPoolId and the scopes with the user pool.',
  SERVICE_UNAVAILABLE: 'Repeat later. Whether it was done will show: the sweeper looks.',
}

import {
  backoffMs,
  IamFetchError,
  isIamFetchError,
  readText,
  requestIdOf,
  sleep,
  withDeadline,
  type Clock,
  type ErrorCode,
} from '@iamfetch/core'
import { isMembers, type Members } from './cognito-response.ts'
import type { RateLimit } from './rate-limit.ts'

/** How the user pool is reached. */
export interface CognitoCallOptions {
  url: string
  fetch: typeof globalThis.fetch
  clock: Clock
  /** Waits before each attempt. */
  waitForTurn: RateLimit
  random: () => number
}

/** Calls one operation. `undefined` if what it is about does not exist. */
export type CognitoCall = (operation: string, input: Members) => Promise<Members | undefined>

const MAX_ATTEMPTS = 4
/** For one attempt, its body included. */
const TIMEOUT_MS = 10_000

/**
 * Creates the calls of Cognito's JSON API.
 *
 * A call that was throttled or met another change was not done, and is repeated, four attempts in all. Every other error is
 * thrown: after a lost response only the caller knows whether repeating is right. Each attempt has a time limit, and its
 * response a size limit.
 *
 * @throws {@link IamFetchError} `THROTTLED`, `QUOTA_EXHAUSTED`, `INVALID_SCOPE`, `FORBIDDEN`, `REQUEST_INVALID`,
 *   `SERVICE_UNAVAILABLE`, `UNEXPECTED_ANSWER`; `status` is absent if there was no response.
 * @see [AWS: common errors of Cognito user pools](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html)
 */
export function cognitoCalls(options: CognitoCallOptions): CognitoCall {
  return async (operation, input) => {
    for (let attempt = 0; ; attempt++) {
      await options.waitForTurn()
      try {
        return await callOnce(options, operation, input)
      } catch (error) {
        const isRepeatable = isIamFetchError(error, 'THROTTLED') && attempt < MAX_ATTEMPTS - 1
        if (!isRepeatable) throw error
      }
      await sleep(options.clock, backoffMs(attempt, { random: options.random }))
    }
  }
}

async function callOnce(
  options: CognitoCallOptions,
  operation: string,
  input: Members,
): Promise<Members | undefined> {
  const { response, body } = await post(options, operation, input)
  const { status, ok, headers } = response
  const requestId = requestIdOf(headers)
  const members = membersOf(body)
  if (ok) {
    if (members) return members
    // An operation without output may have an empty body.
    if (body === '') return {}
    throw failed('UNEXPECTED_ANSWER', operation, { requestId })
  }
  const exception = exceptionOf(members, headers)
  const isAboutPool = /user pool (?!client)/i.test(
    String(members?.['message'] ?? members?.['Message']),
  )
  if (exception === 'ResourceNotFoundException' && !isAboutPool) return undefined
  throw failed(codeOf(exception, status), operation, { exception, status, requestId })
}

/** Sends a request and reads its response within the limits. */
async function post(
  { url, fetch, clock }: CognitoCallOptions,
  operation: string,
  input: Members,
): Promise<{ response: Response; body: string }> {
  try {
    return await withDeadline(clock, TIMEOUT_MS, 'Cognito', async (signal) => {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
        },
        body: JSON.stringify(input),
        signal,
      })
      return { response, body: await readText(response) }
    })
  } catch (cause) {
    if (isIamFetchError(cause, 'UNEXPECTED_ANSWER')) throw cause
    throw failed('SERVICE_UNAVAILABLE', operation, { cause })
  }
}

/** The exception in a response: `aws.cognito#NotFound` in the body, or `NotFound:http://…` in the header. */
function exceptionOf(members: Members | undefined, headers: Headers): string {
  const name = members?.['__type'] ?? headers.get('x-amzn-errortype')
  const shortName = typeof name === 'string' ? name.split('#').at(-1)?.split(':')[0] : ''
  return shortName ?? ''
}

function failed(
  code: ErrorCode,
  operation: string,
  {
    exception = '',
    ...details
  }: {
    exception?: string
    status?: number
    requestId?: string | undefined
    cause?: unknown
  },
): IamFetchError {
  // Only a known name is shown: a server may echo a secret there.
  const reason = BY_EXCEPTION.has(exception) ? ` (${exception})` : ''
  return new IamFetchError(code, `Cognito did not carry out ${operation}${reason}.`, {
    remedy: REMEDIES[code] ?? 'Look for the request ID in CloudTrail.',
    retryable: code === 'THROTTLED' || code === 'SERVICE_UNAVAILABLE',
    ...details,
  })
}

function codeOf(exception: string, status: number): ErrorCode {
  const known = BY_EXCEPTION.get(exception)
  if (known) return known
  if (status === 429) return 'THROTTLED'
  if (status >= 500) return 'SERVICE_UNAVAILABLE'
  return status === 403 ? 'FORBIDDEN' : 'UNEXPECTED_ANSWER'
}

function membersOf(body: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return isMembers(value) ? value : undefined
  } catch {
    // The parser's message quotes the body, so it is dropped.
    return undefined
  }
}

const BY_EXCEPTION: ReadonlyMap<string, ErrorCode> = new Map(
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
  THROTTLED: 'Repeat the call later. Cognito accepts 5 changes per second for a user pool.',
  QUOTA_EXHAUSTED:
    'Ask AWS for a higher quota, or issue opaque keys. A user pool has 1,000 app clients by default, and a client two secrets.',
  INVALID_SCOPE: 'Add the scope to a resource server of the user pool.',
  FORBIDDEN: 'Give the role that signs the permissions that the README lists.',
  REQUEST_INVALID: 'Compare "userPoolId" and the scopes with the user pool.',
  SERVICE_UNAVAILABLE:
    'Repeat the call later. If Cognito carried it out nevertheless, the next sweep removes what is left.',
}

import type { KindMeaning, RefusalKind } from './kinds.ts'
import type { ResponseContent } from './response-text.ts'
import type { Rows } from './table.ts'

/** Kinds of refusals that come from AWS's own services only, never from an API behind a gateway. */
export type ServiceKind =
  | 'provider-unreachable'
  | 'login-mismatch'
  | 'payload-hash-mismatch'
  | 'post-policy-expired'
  | 'post-policy-refused'
  | 'collection-denied'
  | 'operation-unknown'
  | 'service-refused'

/** What is known of AWS's own services. In a file of its own, because a stream of events does not need it. */
export interface ServiceRefusals {
  /** The kind of an exact message; `undefined` if it is not known. */
  readonly byWords: (words: string) => RefusalKind | undefined
  /** The kind of a response that nothing else explains; `undefined` if it does not have the form of a service's. */
  readonly otherwise: (
    content: ResponseContent,
    headerType: string,
    status: number,
  ) => RefusalKind | undefined
  readonly meanings: Readonly<Record<ServiceKind, KindMeaning>>
}

export const SERVICES: ServiceRefusals = {
  byWords: (words) => TEXTS.find(([text]) => text.test(words))?.[1],
  otherwise(content, headerType, status) {
    if (isOfOpenSearchServerless(content)) return 'collection-denied'
    return REFUSING.includes(status) && isOfService(content, headerType)
      ? 'service-refused'
      : undefined
  },
  meanings: {
    'provider-unreachable': {
      code: 'LOGIN_PROVIDER_NOT_TRUSTED',
      message:
        'AWS could not read the keys of the identity provider, or does not trust its certificate.',
    },
    'login-mismatch': {
      code: 'TOKEN_INVALID',
      message:
        'The token that was sent is of another login than those of the identity or its pool.',
    },
    'payload-hash-mismatch': {
      code: 'SIGNATURE_MISMATCH',
      message: 'The body is not the one whose hash was sent in x-amz-content-sha256.',
    },
    'post-policy-expired': {
      code: 'URL_EXPIRED',
      message: 'The policy that was signed for the upload form has expired.',
    },
    'post-policy-refused': {
      code: 'ACCESS_DENIED',
      message:
        'The upload form does not meet a condition of the policy that was signed for it; the response names the condition.',
    },
    'collection-denied': {
      code: 'ACCESS_DENIED',
      message: 'OpenSearch Serverless refused the call and does not say which of its policies.',
    },
    'operation-unknown': {
      code: 'AUTH_MISSING',
      message: 'The service has no operation with this method and path.',
    },
    'service-refused': {
      code: 'UNKNOWN',
      message:
        'An AWS service or gateway, or an application that writes errors as they do, refused the request. The message of the response says why.',
    },
  },
}

/** AWS's own services refuse with 400, too. */
const REFUSING = [400, 401, 403]

/** Whether a response names its error as AWS's services do. */
const isOfService = ({ format, type, members }: ResponseContent, headerType: string): boolean =>
  headerType !== '' || (format === 'xml' && type !== '') || members.includes('__type')

/** Its refusals have these words whatever the reason is. */
const isOfOpenSearchServerless = ({ words, type, members }: ResponseContent): boolean =>
  words === '403 Forbidden' && type === 'Forbidden' && members.includes('error')

/**
 * Sentences that only AWS writes.
 *
 * @see [AWS: S3 error responses](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)
 */
const TEXTS: Rows = [
  [/^There were headers present in the request which were not signed$/, 'signed-header-missing'],
  [/^Missing required header for this request: x-amz-/, 'signed-header-missing'],
  [
    /^The provided '?x-amz-content-sha256'? (header )?does not match what was computed\.$/,
    'payload-hash-mismatch',
  ],
  [/^Invalid according to Policy: Policy expired\.?$/, 'post-policy-expired'],
  [/^Invalid according to Policy: /, 'post-policy-refused'],
  [/^Unable to determine service\/operation name to be authorized$/, 'operation-unknown'],
  [
    /^(Couldn't retrieve verification key from your identity provider|OpenIDConnect provider's HTTPS certificate doesn't match)/,
    'provider-unreachable',
  ],
  [/^Logins don't match\. Please include at least one valid login /, 'login-mismatch'],
]

import { awsHostOf } from '@iamfetch/sigv4'
import type { ResponseContent } from '../refusal/response-text.ts'
import type { ApiKind, Explanation } from './explanation.ts'

/**
 * Determines the kind of an API from its host, from headers that only it sends, and from the form of its body. A browser shows the
 * headers only if CORS exposes them.
 *
 * @param url  What was called.
 */
export function apiKindOf(
  response: Response,
  content: ResponseContent,
  url: string = response.url,
): ApiKind {
  // Not by `URL`: that of React Native has no host.
  const [, host = ''] = /^(?:http|ws)s?:\/\/([^/?#]+)/.exec(url) ?? []
  const { headers } = response
  if (headers.has('apigw-requestid')) return 'http'
  if (headers.has('x-amz-apigw-id')) return 'rest'
  if (awsHostOf(host) && host.includes('.lambda-url.')) return 'lambda-url'
  if (content.words.startsWith('Forbidden. For troubleshooting Function URL')) return 'lambda-url'
  const service = awsHostOf(host)?.service
  if (service !== undefined && service !== 'execute-api') return 'service'
  if (content.format === 'xml' || content.members.includes('__type')) return 'service'
  return headers.has('x-amzn-errortype') ? 'rest' : 'unknown'
}

type Meaning = Pick<Explanation, 'code' | 'message' | 'responsible' | 'remedy'>

/** The meaning of a response that is not a refusal: a status other than 400, 401 and 403. */
export function explainStatus({ status, ok, headers }: Response): Meaning {
  if (ok || status < 400) {
    return {
      code: 'ANSWERED',
      message: 'The response is not a refusal.',
      responsible: 'unknown',
      remedy: [],
    }
  }
  if (/^Authorizer(Configuration|Failure)/i.test(headers.get('x-amzn-errortype') ?? '')) {
    return AUTHORIZER_FAILED
  }
  const known = STATUSES.find(([statuses]) => statuses.includes(status))?.[1]
  return known ?? (status < 500 ? OTHER_4XX : OTHER_5XX)
}

const STATUSES: readonly (readonly [statuses: readonly number[], Meaning])[] = [
  [
    [404],
    {
      code: 'REQUEST_INVALID',
      message: 'There is no such route, or the application has no such resource.',
      responsible: 'caller',
      remedy: ['Check method, path and stage against the deployed API.'],
    },
  ],
  [
    [413],
    {
      code: 'BODY_TOO_LARGE',
      message: 'The body is larger than the gateway accepts: 10 MB, or 6 MB for Lambda.',
      responsible: 'caller',
      remedy: ['Upload large data to S3, and send its key.'],
    },
  ],
  [
    [414, 431],
    {
      code: 'REQUEST_INVALID',
      message: 'The URL or the headers are longer than the gateway accepts.',
      responsible: 'caller',
      remedy: ['Move parameters into the body.'],
    },
  ],
  [
    [429],
    {
      code: 'THROTTLED',
      message: 'The call exceeds the rate or the quota of the API or of its usage plan.',
      responsible: 'caller',
      remedy: ['Slow down, or raise the limit; createIamFetch has already waited and tried again.'],
    },
  ],
]

const OTHER_4XX: Meaning = {
  code: 'UNKNOWN',
  message: 'The application behind the gateway refused the request.',
  responsible: 'api',
  remedy: ['Read the body of the response.'],
}

/** @see [AWS: gateway response types](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html) */
const AUTHORIZER_FAILED: Meaning = {
  code: 'SERVICE_UNAVAILABLE',
  message: 'The Lambda authorizer of the API failed, or API Gateway may not invoke it.',
  responsible: 'api',
  remedy: [
    'Read the logs of the Lambda authorizer: it threw, took too long, or returned something else than a policy with a "principalId".',
    'If it was not invoked, let apigateway.amazonaws.com invoke it in its resource-based policy (lambda:InvokeFunction).',
  ],
}

const OTHER_5XX: Meaning = {
  code: 'SERVICE_UNAVAILABLE',
  message: 'The API failed. The signature was not the reason.',
  responsible: 'api',
  remedy: ['Read the logs of the application, and repeat calls that may be repeated.'],
}

import { explain, type Explanation } from 'iamfetch/explain'

/** A response that a gateway is known to give. */
interface Known {
  what: string
  status: number
  type?: string
  message: string
  from: 'rest' | 'http' | 'lambda-url'
  /** What is not confirmed about the response. */
  unverified?: string
}

/**
 * Responses of gateways, in the words in which they were seen or documented.
 *
 * @see [AWS: troubleshoot 403 errors](https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden)
 * @see [AWS: gateway response types](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html)
 */
const KNOWN: readonly Known[] = [
  {
    what: 'No signature arrived, or there is no such path, method or stage',
    status: 403,
    type: 'MissingAuthenticationTokenException',
    message: 'Missing Authentication Token',
    from: 'rest',
  },
  {
    what: 'The `Authorization` header is not an AWS signature, for example a JWT',
    status: 403,
    type: 'IncompleteSignatureException',
    message:
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter.",
    from: 'rest',
  },
  {
    what: 'The signature does not match',
    status: 403,
    type: 'InvalidSignatureException',
    message:
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    from: 'rest',
  },
  {
    what: "The device's clock is slow: `Signature expired`",
    status: 403,
    type: 'InvalidSignatureException',
    message:
      'Signature expired: 20300101T000000Z is now earlier than 20300101T000500Z (20300101T001000Z - 5 min.)',
    from: 'rest',
  },
  {
    what: "The device's clock is fast: `Signature not yet current`",
    status: 403,
    type: 'InvalidSignatureException',
    message:
      'Signature not yet current: 20300101T001000Z is still later than 20300101T000500Z (20300101T000000Z + 5 min.)',
    from: 'rest',
    unverified: 'the error type',
  },
  {
    what: 'Signed for another region or service',
    status: 403,
    type: 'InvalidSignatureException',
    message: "Credential should be scoped to a valid region, not 'us-east-1'. ",
    from: 'rest',
    unverified: 'the error type',
  },
  {
    what: 'The access key is unknown, or its session token is missing or wrong',
    status: 403,
    type: 'AccessDeniedException',
    message: 'The security token included in the request is invalid.',
    from: 'rest',
  },
  {
    what: 'The session has expired',
    status: 403,
    type: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
    from: 'rest',
    unverified: 'the error type',
  },
  {
    what: 'Signed well, and the policy does not allow it',
    status: 403,
    type: 'AccessDeniedException',
    message:
      'User: arn:aws:sts::123456789012:assumed-role/ReadOnlyAccessRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/test',
    from: 'rest',
  },
  {
    what: "Signed well, and a policy's `Deny` forbids it",
    status: 403,
    type: 'AccessDeniedException',
    message:
      'User: arn:aws:sts::123456789012:assumed-role/ReadOnlyAccessRole/CognitoIdentityCredentials is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/test with an explicit deny',
    from: 'rest',
  },
  {
    what: 'An API key is missing, a WAF refused, no base path is mapped, or the path is without the stage',
    status: 403,
    type: 'ForbiddenException',
    message: 'Forbidden',
    from: 'rest',
  },
  {
    what: 'An HTTP API whose IAM authorizer refused, for any reason',
    status: 403,
    message: 'Forbidden',
    from: 'http',
    unverified: 'that every case gets this response',
  },
  {
    what: 'No route of an HTTP API has this method and path',
    status: 404,
    message: 'Not Found',
    from: 'http',
  },
  {
    what: 'A function URL whose permissions do not allow it',
    status: 403,
    type: 'AccessDeniedException',
    message:
      'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
    from: 'lambda-url',
  },
  {
    what: 'A bearer token that a JWT authorizer did not accept',
    status: 401,
    message: 'Unauthorized',
    from: 'http',
  },
]

const HOSTS = {
  rest: 'abc123.execute-api.eu-central-1.amazonaws.com/prod',
  http: 'abc123.execute-api.eu-central-1.amazonaws.com',
  'lambda-url': 'abc123.lambda-url.eu-central-1.on.aws',
} as const

const KINDS = { rest: 'REST API', http: 'HTTP API', 'lambda-url': 'function URL' } as const

/** The page's sections: each known response, and what `explain` of `iamfetch/explain` reports for it. */
export async function refusalsPage(): Promise<string> {
  const sections = await Promise.all(
    KNOWN.map(async (known) => {
      const explanation = await explain(answerOf(known), {
        request: new Request(`https://${HOSTS[known.from]}/test`, { method: 'POST' }),
      })
      return section(known, explanation)
    }),
  )
  return sections.join('\n\n')
}

function answerOf({ status, type, message, from }: Known): Response {
  const headers = new Headers({ date: new Date().toUTCString() })
  if (type) headers.set('x-amzn-errortype', type)
  if (from === 'http') headers.set('apigw-requestid', 'AbCdEfGhIjKlMnO=')
  if (from === 'rest') headers.set('x-amz-apigw-id', 'AbCdEfGhIjKlMnO=')
  return new Response(JSON.stringify({ message }), { status, headers })
}

function section(
  known: Known,
  { code, message, responsible, remedy, suspects }: Explanation,
): string {
  const { what, status, type, message: said, from, unverified } = known
  const list = (title: string, lines: readonly string[]): string =>
    lines.length > 0
      ? `\n\n${title}\n\n${lines.map((line) => `- ${escaped(line)}`).join('\n')}`
      : ''
  return `### ${what}

\`\`\`http
${[status, type].filter(Boolean).join(' ')}

{"message":${JSON.stringify(said)}}
\`\`\`

The response of a ${KINDS[from]}${unverified ? ` (**unverified:** ${unverified})` : ''}. \`code\`: \`${code}\`. Responsible: **${responsible}**.

${escaped(message)}${list('What to do:', remedy)}${list('What it may be:', suspects)}`
}

const escaped = (text: string): string => text.replace(/[<*_[\]]/g, String.raw`\$&`)

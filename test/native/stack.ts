import { createHash } from 'node:crypto'
import { defineStack, type PolicyDocument, type StackDefinition } from '@iamfetch/local'
import example from '../../examples/group-access/access.ts'

const may = (...routes: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: routes.flatMap((route) =>
      ['test', 'rest'].map(
        (api) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_${api}/*/${route}`,
      ),
    ),
  },
})

interface Event {
  rawPath: string
  rawQueryString: string
  headers: Record<string, string>
  body?: string
  isBase64Encoded?: boolean
  requestContext: { http: { method: string } }
}

interface Claims {
  email?: string
}

/** Responds with what arrived, a form in its parts. */
async function echo({ rawPath, rawQueryString, headers, body = '', ...rest }: Event) {
  const bytes = Buffer.from(body, rest.isBase64Encoded ? 'base64' : 'utf8')
  const type = headers['content-type'] ?? ''
  const form = type.startsWith('multipart/')
    ? await new Response(bytes, { headers: { 'content-type': type } }).formData()
    : undefined
  return {
    method: rest.requestContext.http.method,
    path: rawPath,
    query: rawQueryString,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    type,
    ...(form && { fields: Object.fromEntries(form) }),
  }
}

/** The example's users and groups, with more routes to call. */
export const nativeStack: StackDefinition = defineStack({
  ...example,
  groups: {
    FullAccess: { precedence: 1, policy: may('*/*') },
    ReadOnlyAccess: { precedence: 2, policy: may('GET/*') },
  },
  apis: {
    test: {
      type: 'http',
      routes: {
        'ANY /test': { auth: 'iam', handler: () => ({ hello: 'phone' }) },
        'POST /echo': { auth: 'iam', handler: echo },
        'GET /echo': { auth: 'iam', handler: echo },
        'GET /things/{proxy+}': { auth: 'iam', handler: echo },
        'GET /slow': {
          auth: 'iam',
          handler: () => new Promise((resolve) => setTimeout(() => resolve({}), 400)),
        },
        'GET /moved': {
          auth: 'iam',
          handler: ({ headers }) => ({
            statusCode: 302,
            headers: { location: `http://${headers['host']}/elsewhere` },
          }),
        },
        'GET /companion': {
          auth: 'iam',
          handler({ headers }) {
            const [, claims = ''] = (headers['x-amz-iamfetch-identity'] ?? '').split('.')
            const { email } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims
            return { email }
          },
        },
        'GET /claims': {
          auth: 'jwt',
          handler: ({ requestContext }) => ({ email: requestContext.authorizer.jwt.claims.email }),
        },
      },
    },
    // Tells what it would have been signed like, as an HTTP API does not.
    rest: {
      type: 'rest',
      routes: { 'POST /echo': { auth: 'iam', handler: () => ({ statusCode: 200, body: '{}' }) } },
    },
  },
})

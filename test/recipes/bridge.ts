import { createIamFetch, cognitoCredentials } from 'iamfetch'
import { startLocalStack } from '@iamfetch/local'
import { afterAll, beforeAll } from 'vitest'

interface HttpEvent {
  rawPath: string
  rawQueryString: string
  headers: Record<string, string>
  body?: string
  isBase64Encoded: boolean
  requestContext: { http: { method: string } }
}

/** Serves a web handler behind an HTTP API with IAM authorization: only signed calls of its users reach it. */
export function behindIam(handle: (request: Request) => Response | Promise<Response>): {
  url: () => string
  iamFetch: typeof fetch
} {
  let stack: Awaited<ReturnType<typeof startLocalStack>>
  let call: typeof fetch
  const handler = async (event: HttpEvent) => {
    const { method } = event.requestContext.http
    const url = `https://api.example${event.rawPath}${event.rawQueryString && `?${event.rawQueryString}`}`
    const body = event.body && Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8')
    const { headers } = event
    const response = await handle(new Request(url, { method, headers, ...(body && { body }) }))
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    }
  }
  beforeAll(async () => {
    stack = await startLocalStack({
      groups: {
        Callers: {
          policy: {
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Action: 'execute-api:Invoke',
              Resource: 'arn:aws:execute-api:*:*:*',
            },
          },
        },
      },
      users: { alice: { groups: ['Callers'] } },
      apis: { api: { type: 'http', routes: { 'ANY /{proxy+}': { auth: 'iam', handler } } } },
    })
    const { config } = stack
    const { idToken } = await stack.signIn('alice')
    call = createIamFetch({
      baseUrl: config.apis['api']!.url,
      region: config.region,
      credentials: cognitoCredentials({
        identityPoolId: config.identityPoolId,
        idToken: async () => idToken,
        endpoint: config.endpoints.cognitoIdentity,
      }),
    })
  })
  afterAll(() => stack.stop())
  return {
    url: () => stack.config.apis['api']!.url,
    iamFetch: (input, init) => call(input, init),
  }
}

import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { withCaller, type GateOptions } from '@iamfetch/server'
import { createNotesServer } from './server.ts'

/** What an HTTP API hands to a function, as far as it is used here. */
interface Event {
  rawPath: string
  headers: Record<string, string>
  requestContext: { http: { method: string } }
  body?: string
  isBase64Encoded?: boolean
}

/**
 * The MCP server as a Lambda function: without a session, so that any instance can answer any call.
 *
 * @param options  Whose tokens and credentials to trust.
 */
export const createHandler = (options: GateOptions) =>
  withCaller(async (event: Event, _context: unknown, caller) => {
    // It would open a stream for messages of the server, which a function without a session does not have.
    if (event.requestContext.http.method === 'GET') return { statusCode: 405 }
    const server = createNotesServer(caller)
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport)
    try {
      const response = await transport.handleRequest(requestOf(event))
      return {
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      }
    } finally {
      await server.close()
    }
  }, options)

function requestOf({ rawPath, headers, requestContext, body, isBase64Encoded }: Event): Request {
  const { method } = requestContext.http
  const url = `https://${headers['host'] ?? 'localhost'}${rawPath}`
  const text = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : body
  return new Request(url, { method, headers, ...(text !== undefined && { body: text }) })
}

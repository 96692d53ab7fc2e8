import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { defineStack, startLocalStack } from '@iamfetch/local'
import { sha256Hex } from '@iamfetch/sigv4'
import example from '../../examples/group-access/access.ts'
import { readVectors } from '../../packages/sigv4/test/vectors.ts'
import { signIn } from '@iamfetch/testing/sign-in'
import type { Check, Expected, Setup, Vector } from './setup.ts'

/** What the engines are run against: a local stack and one server for pages and scripts. */
export interface Grounds {
  setup: Setup
  /** Serves pages under `/`. Each file is named by its path. */
  readonly files: Map<string, { type: string; body: string }>
  /** What the page called `name` reports, once it does. */
  reported: (name: string) => Promise<Report>
  stop: () => Promise<void>
}

/** What an engine says of itself, and what it found. */
export interface Report {
  engine: string
  checks: Check[]
}

/** The example's users, who may call /test, and a machine. */
const definition = defineStack({
  ...example,
  resourceServers: { premium: ['read'] },
  appClients: { reader: { scopes: ['premium/read'] } },
  apis: {
    test: {
      type: 'http',
      cors: { allowOrigins: ['*'] },
      routes: {
        // Without it the authorizer of ANY refuses the preflights of browsers, as on AWS.
        'OPTIONS /test': { auth: 'none', handler: () => ({ statusCode: 204 }) },
        'ANY /test': {
          auth: 'iam',
          handler: ({ requestContext, body = '', isBase64Encoded }) => ({
            method: requestContext.http.method,
            bytes: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').length,
          }),
        },
        'GET /claims': {
          auth: 'jwt',
          handler: ({ requestContext }) => ({ email: requestContext.authorizer.jwt.claims.email }),
        },
        'GET /premium': {
          auth: 'jwt',
          scopes: ['premium/read'],
          handler: ({ requestContext }) => ({ token: requestContext.authorizer.jwt.claims.jti }),
        },
      },
    },
  },
})

/** Starts everything on loopback. */
export async function prepareGrounds(): Promise<Grounds> {
  const stack = await startLocalStack(definition)
  const files: Grounds['files'] = new Map()
  const waiting = new Map<string, (report: Report) => void>()

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origin)
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    }
    const file = files.get(url.pathname)
    if (file) return send(200, file.type, file.body)
    if (url.pathname === '/report') {
      waiting.get(url.searchParams.get('name') ?? '')?.(JSON.parse(await text(request)) as Report)
      return send(204, 'text/plain', '')
    }
    // From a page's own origin: no client secret belongs in a browser, so the user pool's endpoint answers none.
    if (url.pathname === '/oauth2/token') {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const body = await text(request)
      const given = await fetch(stack.config.endpoints.oauth + url.pathname, {
        method: 'POST',
        headers,
        body,
      })
      return send(given.status, 'application/json', await given.text())
    }
    return send(404, 'text/plain', 'Not Found')
  }
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`

  const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => signIn(stack, name)))
  return {
    files,
    reported: (name) => new Promise((resolve) => waiting.set(name, resolve)),
    setup: {
      vectors: vectors(),
      region: stack.config.region,
      identityPoolId: stack.config.identityPoolId,
      cognitoIdentity: stack.config.endpoints.cognitoIdentity,
      api: stack.config.apis['test'].url,
      idTokens: { alice: alice!.idToken, bob: bob!.idToken },
      origin,
      appClient: stack.appClients['reader'],
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await stack.stop()
    },
  }
}

/** AWS's signing test suite, as JSON. */
export function vectors(): Vector[] {
  return readVectors(sha256Hex).map(({ name, parts, context, signBody, header, query }) => {
    const at = context.at.toISOString()
    return {
      name,
      parts,
      signBody,
      context: { ...context, at },
      header: expectedOf(header),
      query: expectedOf(query),
    }
  })
}

/** Exactly what the engines compare: the data file says more. */
const expectedOf = ({ canonicalRequest, stringToSign, signature }: Expected): Expected => ({
  canonicalRequest,
  stringToSign,
  signature,
})

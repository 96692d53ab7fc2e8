import { describe, expect, test } from 'vitest'
import { checkDefinition, type StackDefinition } from '../../src/index.ts'

/** The error for a route, without the place that all have in common. */
function errorFor(route: Record<string, unknown>): unknown {
  const routes = { 'GET /': { auth: 'none', ...route } }
  const definition = { apis: { api: { type: 'http', routes } } } as unknown as StackDefinition
  try {
    checkDefinition(definition)
    return undefined
  } catch (error) {
    if (!(error instanceof TypeError) || !('code' in error)) throw error
    return `${String(error.code)}: ${error.message}`.replace(PLACE, '"')
  }
}

const PLACE = `INVALID_OPTION: defineStack: "apis.api.routes['GET /'].`

const LAMBDA = 'http://127.0.0.1:9000/2015-03-31/functions/function/invocations'

describe('what is behind a route', () => {
  test.each([
    [{ handler: () => null }],
    [{ handler: './src/notes.ts#handler' }],
    [
      {
        handler: {
          file: 'a#b#handler',
          environment: { A: '' },
          timeoutSeconds: 900,
          memoryMb: 128,
        },
      },
    ],
    [{ handler: { url: LAMBDA, timeoutSeconds: 1 } }],
    [{ lambda: LAMBDA }],
    [{ proxy: 'https://[::1]:3001/v1/{proxy}?a=b' }],
    [
      {
        proxy: {
          url: 'http://127.0.0.1:3001',
          timeoutMs: 50,
          requestParameters: {
            'overwrite:header.x-caller': '$context.authorizer.claims.sub',
            'append:querystring.who': 'a ${context.identity.userArn} b',
            'remove:header.x-debug': '',
            'overwrite:path': '/v1$request.path',
          },
        },
      },
    ],
  ])('may be %j', (route) => {
    expect(errorFor(route)).toBeUndefined()
  })

  test.each([
    [{}, `"handler" is missing; a route needs "handler", "lambda" or "proxy"`],
    [
      { lambda: LAMBDA, proxy: 'http://127.0.0.1:1' },
      `"proxy" must not be given together with "lambda"`,
    ],
    [
      { handler: './src/notes.ts' },
      `"handler" must be a file and the name of its export such as "./src/notes.ts#handler", got "./src/notes.ts"`,
    ],
    [
      { handler: 5 },
      `"handler" must be a function (event, context) => result, a file such as "./src/notes.ts#handler", or an object, got 5`,
    ],
    [
      { handler: { file: 'a#b', timeoutSeconds: 0 } },
      `"handler.timeoutSeconds" must be a whole number of seconds from 1 to 900, got 0`,
    ],
    [
      { handler: { file: 'a#b', memoryMB: 128 } },
      `"handler.memoryMB" is not known; known here: file, environment, timeoutSeconds, memoryMb`,
    ],
    [
      { handler: { file: 'a#b', environment: { SECRET: 1 } } },
      `"handler.environment.SECRET" must be a string`,
    ],
    [
      { lambda: 'function' },
      `"lambda" must be an address such as "http://127.0.0.1:9000/2015-03-31/functions/function/invocations", got "function"`,
    ],
    [
      { proxy: 'ftp://127.0.0.1' },
      `"proxy" must be an address such as "http://127.0.0.1:3001", got "ftp://127.0.0.1"`,
    ],
    [
      { proxy: 'http://me:password@127.0.0.1' },
      `"proxy" must not contain a user name or a password`,
    ],
    [
      { proxy: { url: 'http://a', timeoutMs: 30_001 } },
      `"proxy.timeoutMs" must be a whole number of milliseconds from 50 to 30000, got 30001`,
    ],
    [
      { proxy: { url: 'http://a', requestParameters: { 'overwrite:header.Authorization': 'x' } } },
      `"proxy.requestParameters['overwrite:header.Authorization']" must not name the header "authorization", which is reserved on AWS`,
    ],
    [
      { proxy: { url: 'http://a', requestParameters: { 'set:header.x': 'x' } } },
      `"proxy.requestParameters['set:header.x']" must be append:header.NAME, overwrite:header.NAME, remove:header.NAME, the same with querystring.NAME, or overwrite:path`,
    ],
    [
      {
        proxy: { url: 'http://a', requestParameters: { 'overwrite:header.x': '$request.body.a' } },
      },
      `"proxy.requestParameters['overwrite:header.x']" has the variable "request.body.a"; the variables are $context.…, $request.header.…, $request.querystring.…, $request.path and $request.path.…`,
    ],
    [
      { handler: () => null, audience: ['a'] },
      `"audience" is for routes of an HTTP API with auth "jwt"`,
    ],
  ])('%j is refused', (route, message) => {
    expect(errorFor(route)).toBe(message)
  })
})

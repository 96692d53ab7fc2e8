import { cognitoCredentials } from '@iamfetch/cognito'
import { startLocalStack, type ApiDefinition, type LocalStack } from '@iamfetch/local'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import { calls, type Call } from './calls.ts'
import type { Answer, Seen, Setup, Way } from './send.ts'

/** What a handler of either kind of API is given here. */
interface Event {
  httpMethod?: string
  requestContext: { http?: { method: string } }
  rawQueryString?: string
  multiValueQueryStringParameters?: Record<string, string[]> | null
  headers: Record<string, string>
  body?: string | null
  isBase64Encoded: boolean
}

/** A handler that tells what came, to any page. */
const tells = (event: Event): unknown => {
  const { httpMethod, requestContext, headers, body, isBase64Encoded } = event
  const named = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const seen: Seen = {
    method: httpMethod ?? requestContext.http?.method ?? '',
    pairs: pairsOf(event),
    meta: named['x-amz-meta'] ?? null,
    type: named['content-type'] ?? null,
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8').toString('base64'),
  }
  return {
    statusCode: 200,
    headers: { 'access-control-allow-origin': '*' },
    body: JSON.stringify(seen),
  }
}

const pairsOf = ({
  rawQueryString,
  multiValueQueryStringParameters: many,
}: Event): [string, string][] =>
  rawQueryString === undefined
    ? Object.entries(many ?? {}).flatMap(([key, values]) =>
        values.map((value): [string, string] => [key, value]),
      )
    : [...new URLSearchParams(rawQueryString)]

const api = (type: 'http' | 'rest', forPages = false): ApiDefinition => ({
  type,
  cors: {
    allowOrigins: ['*'],
    allowMethods: ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH'],
    allowHeaders: [
      'authorization',
      'content-type',
      'x-amz-date',
      'x-amz-security-token',
      'x-amz-meta',
      'x-api-key',
    ],
    onErrors: true,
    maxAgeSeconds: 600,
  },
  routes: {
    // Without it the authorizer of ANY refuses the preflights of browsers at an HTTP API, as on AWS.
    ...(forPages && { 'OPTIONS /{proxy+}': { auth: 'none', handler: tells } }),
    'ANY /{proxy+}': { auth: 'iam', handler: tells },
  },
})

/**
 * A stack with an HTTP and a REST API, and what a user needs who may call them.
 *
 * @param forPages  Whether browsers call the HTTP API, whose preflights need a route without an authorizer.
 */
export async function serveEcho(
  forPages = false,
): Promise<{ stack: LocalStack; setups: readonly Setup[] }> {
  const stack = await startLocalStack({
    region: 'eu-central-1',
    groups: {
      Callers: {
        precedence: 1,
        policy: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' },
        },
      },
    },
    users: { alice: { groups: ['Callers'] } },
    apis: { http: api('http', forPages), rest: api('rest') },
  })
  const { region, identityPoolId, endpoints, apis } = stack.config
  const { idToken } = await signIn(stack, 'alice')
  const given = await cognitoCredentials({
    identityPoolId,
    endpoint: endpoints.cognitoIdentity,
    idToken: async () => idToken,
  })()
  const { accessKeyId, secretAccessKey, sessionToken = '' } = given
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  const setups = Object.values(apis).map(({ url }) => ({ baseUrl: url, region, credentials }))
  return { stack, setups }
}

/** Has generated calls sent, half of them to each API: AWS's code at the gateway has to take every one, unaltered. */
export async function allAccepted(
  setups: readonly Setup[],
  way: Way,
  count: number,
  sendAll: (setup: Setup, way: Way, all: readonly Call[]) => Promise<readonly Answer[]>,
): Promise<void> {
  const seed = Date.now() % 1_000_000_000
  for (const [i, setup] of setups.entries()) {
    const given = fc
      .sample(calls, { numRuns: count / setups.length, seed: seed + i })
      .map((call) => fitted(call, way, setup))
    const answers = await sendAll(setup, way, given)
    expect(answers).toHaveLength(given.length)
    for (const [at, call] of given.entries()) {
      expect({ seed, call, answer: answers[at] }).toMatchObject({ answer: { status: 200 } })
      await arrived(call, way, answers[at]!)
    }
  }
}

/** A presigned URL is for a call without a body; a REST API answers every `OPTIONS` as a preflight. */
function fitted(call: Call, way: Way, { baseUrl }: Setup): Call {
  const method =
    call.method === 'OPTIONS' && new URL(baseUrl).pathname !== '/' ? 'DELETE' : call.method
  return way === 'presigned' ? { ...call, method, headers: {}, body: null } : { ...call, method }
}

async function arrived(
  { method, pairs, headers: sent, body }: Call,
  way: Way,
  answer: Answer,
): Promise<void> {
  const seen = 'seen' in answer ? answer.seen : null
  if (method === 'HEAD') return expect(seen).toBeNull()
  expect(seen).toMatchObject({ method, meta: sent['x-amz-meta'] ?? null })
  const received = seen!.pairs.filter(([key]) => way !== 'presigned' || !key.startsWith('X-Amz-'))
  expect(received.map(String).toSorted()).toEqual(pairs.map(String).toSorted())
  const bytes = Buffer.from(seen!.body ?? '', 'base64')
  if (body?.kind === 'form') {
    // On Node axios 1.21 names a form `application/x-www-form-urlencoded`, whatever its `fetch` is.
    const [, boundary = ''] = /^--(.*)\r\n/.exec(bytes.toString()) ?? []
    const multipart = `multipart/form-data; boundary=${boundary}`
    if (way !== 'axios') expect(seen!.type).toBe(multipart)
    const headers = { 'content-type': multipart }
    const form = await new Response(bytes, { headers }).formData()
    expect(await (form.get('file') as File).text()).toBe(body.text)
  } else if (body?.kind === 'params') {
    expect(bytes.toString()).toBe(new URLSearchParams([['text', body.text]]).toString())
  } else if (body?.kind === 'view' && way === 'axios') {
    // axios hands over the whole buffer under a view, whatever its `fetch` is.
    expect(bytes.toString()).toBe(`\u0001${body.text}\u0002`)
  } else {
    expect(bytes.toString()).toBe(body?.text ?? '')
  }
}

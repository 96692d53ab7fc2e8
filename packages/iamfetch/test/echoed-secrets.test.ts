import { cpuMs, fetchOf } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { explain, rememberRequests } from '../src/explain.ts'
import { createIamFetch, createTokenFetch, describeRefusal } from '../src/index.ts'
import { refusalText } from '../src/refusal-text.ts'
import { API } from './fixtures.ts'

const SESSION_TOKEN = `IQoJb3JpZ2luX2VjE${'Aa0/+'.repeat(60)}==`
const ID_TOKEN = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.${'c2lnbmF0dXJl'.repeat(4)}`
const CLIENT_SECRET = '1ab2cd3ef4gh5ij6kl7mn8op9qr0st1uv2wx3yz4ab5cd6ef7gh'
/** Of no known form: only who sent it knows that it is a secret. */
const PLAIN_TOKEN = 'open-sesame'

const canonical = (lines: string): string =>
  `The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'${lines}'\n\nThe String-to-Sign should have been\n'x'\n`
const json = (message: string, headers: Record<string, string> = {}, status = 403): Response =>
  Response.json({ message }, { status, headers })

/** Every place of a response from which something is shown. */
const PLACES: Record<string, (secret: string) => Response> = {
  'the message': (it) => json(`Forbidden: ${it}`),
  'a message in capitals': (it) => Response.json({ Message: `Forbidden ${it}` }, { status: 403 }),
  'an unknown message': (it) => json(it),
  'a malformed Authorization': (it) =>
    json(`Authorization header requires 'Credential' parameter. Authorization=Bearer ${it}`),
  'a hashed Authorization': (it) =>
    json(`Invalid key=value pair (missing equal-sign) in Authorization header: 'Bearer ${it}'.`),
  'x-amzn-errortype': (it) => json('x', { 'x-amzn-errortype': it }),
  'x-amzn-errortype, after a known one': (it) =>
    json('x', { 'x-amzn-errortype': `AccessDeniedException:${it}` }),
  'x-amzn-requestid': (it) => json('Forbidden', { 'x-amzn-requestid': it }),
  'apigw-requestid': (it) => json('Forbidden', { 'apigw-requestid': it }),
  'x-local-reason': (it) => json('Forbidden', { 'x-local-reason': it }),
  'a denial in x-local-reason': (it) =>
    json('Forbidden', {
      'x-local-reason': `ImplicitDeny: no policy of the role ${it} allows execute-api:Invoke on arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/x`,
    }),
  'the principal': (it) =>
    json(`User: ${it} is not authorized to perform: execute-api:Invoke on resource: arn:x`),
  'the resource': (it) =>
    json(
      `User: arn:aws:sts::123456789012:assumed-role/R/s is not authorized to perform: execute-api:Invoke on resource: ${it}`,
    ),
  'the role': (it) =>
    json(
      `User: arn:aws:sts::123456789012:assumed-role/${it}/s is not authorized to perform: x on resource: y`,
    ),
  'the session name': (it) =>
    json(
      `User: arn:aws:sts::123456789012:assumed-role/R/${it} is not authorized to perform: x on resource: y`,
    ),
  'the canonical method': (it) => json(canonical(`${it}\n/x\n\nhost:a\n\nhost\nh`)),
  'the canonical path': (it) => json(canonical(`GET\n/${it}\n\nhost:a\n\nhost\nh`)),
  'the canonical query': (it) => json(canonical(`GET\n/x\nq=${it}\nhost:a\n\nhost\nh`)),
  'the canonical host': (it) => json(canonical(`GET\n/x\n\nhost:${it}\n\nhost\nh`)),
  'a canonical header': (it) => json(canonical(`GET\n/x\n\nhost:a\nx-amz-a:${it}\n\nhost\nh`)),
  'the name of a canonical header': (it) => json(canonical(`GET\n/x\n\n${it}:a\n\nhost\nh`)),
  'the signed headers': (it) => json(canonical(`GET\n/x\n\nhost:a\n\n${it}\nh`)),
  'the canonical body': (it) => json(canonical(`GET\n/x\n\nhost:a\n\nhost\n${it}`)),
  'the message of a 401': (it) => json(it, {}, 401),
  'the message of a 400': (it) => json(`Signature expired: ${it}`, {}, 400),
  'the message of a 500': (it) => json(it, { 'x-amzn-errortype': it }, 500),
}

/** Where in an object a secret shows, whole or in pieces. */
function shownIn(value: unknown, secret: string, path = ''): string[] {
  if (typeof value === 'string') {
    const length = Math.min(24, secret.length)
    for (let at = 0; at + length <= secret.length; at += 8) {
      if (value.includes(secret.slice(at, at + length))) return [path]
    }
    return []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => shownIn(one, secret, `${path}.${name}`))
}

describe.each(Object.entries(PLACES))('a secret in %s of a response', (_, respond) => {
  const signed = (response: () => Response) =>
    createIamFetch({
      baseUrl: API,
      credentials: { accessKeyId: 'ASIAX', secretAccessKey: 'S', sessionToken: SESSION_TOKEN },
      fetch: rememberRequests(async () => response()),
      retry: { attempts: 1 },
    })

  test.each([
    ['the session token', SESSION_TOKEN],
    ['the session token, escaped', encodeURIComponent(SESSION_TOKEN)],
    ['the ID token', ID_TOKEN],
    ['a client secret', CLIENT_SECRET],
  ])('is not shown: %s', async (_name, secret) => {
    const call = signed(() => respond(secret))
    const options = { headers: { 'x-amz-iamfetch-identity': ID_TOKEN } }
    expect(shownIn(await explain(await call('/x', options)), secret)).toEqual([])
    expect(shownIn(await describeRefusal(await call('/x', options)), secret)).toEqual([])
    expect(shownIn(await explain(respond(secret)), secret)).toEqual([])
  })

  test('is not shown: the signature of the request', async () => {
    let signature = ''
    const call = createIamFetch({
      baseUrl: API,
      credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'S' },
      fetch: rememberRequests(
        fetchOf(async (request) => {
          signature = /Signature=(\w+)/.exec(request.headers.get('authorization')!)![1]!
          return respond(signature)
        }),
      ),
      retry: { attempts: 1 },
    })
    const response = await call('/x')
    expect(shownIn(await explain(response.clone()), signature)).toEqual([])
    expect(shownIn(await describeRefusal(response), signature)).toEqual([])
  })

  test('is not shown by explain, which knows the request: a bearer token of no known form', async () => {
    const call = createTokenFetch({
      baseUrl: API,
      token: async () => PLAIN_TOKEN,
      fetch: rememberRequests(async () => respond(PLAIN_TOKEN)),
      retry: { attempts: 1 },
    })
    expect(shownIn(await explain(await call('/x')), PLAIN_TOKEN)).toEqual([])
  })
})

test('what is explained of a usual refusal is not changed by hiding secrets', async () => {
  const role = 'GroupAccess-ReadersRoleB5D2A3F4-1A2B3C4D5E6F'
  const principal = `arn:aws:sts::123456789012:assumed-role/${role}/CognitoIdentityCredentials`
  const resource = 'arn:aws:execute-api:eu-central-1:********9012:abc123/prod/POST/notes'
  const message = `User: ${principal} is not authorized to perform: execute-api:Invoke on resource: ${resource}`
  expect(await describeRefusal(json(message))).toMatchObject({ principal, resource })
  expect(JSON.stringify(await explain(json(message)))).not.toContain('…')
})

describe('a body without end', () => {
  const endless = (first: string, piece: string): { response: Response; read: () => number } => {
    let read = 0
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(first)),
      pull(controller) {
        read += piece.length
        controller.enqueue(encoder.encode(piece))
      },
    })
    return { response: new Response(body, { status: 403 }), read: () => read }
  }

  test('is read by explain and describeRefusal up to a limit, and the caller can still read it', async () => {
    for (const look of [explain, describeRefusal]) {
      const { response, read } = endless('{"message":"', 'x'.repeat(10_000))
      expect((await look(response)).code).toBe('UNKNOWN')
      expect(read()).toBeLessThan(200_000)
      expect(response.bodyUsed).toBe(false)
      await response.body?.cancel()
    }
  })

  test('is not waited for if it stalls', async () => {
    const waits: number[] = []
    const clock = {
      now: () => 0,
      sleep: async (ms: number) => void waits.push(ms),
    }
    const stalled = new Response(new ReadableStream(), { status: 403 })
    expect(await refusalText(stalled, clock)).toBe('')
    expect(waits).toEqual([2_000])
  })
})

test.each([
  ['nested escapes', canonical(`GET\n/%${'25'.repeat(20_000)}41\n\nhost:a\n\nhost\nh`)],
  ['beginnings without end', "Canonical String for this request should have been\n'".repeat(1_200)],
  ['users without end', 'User: a is not b on resource: '.repeat(2_000)],
  ['a long role', `User: arn:aws:sts::1:assumed-role/${'a/'.repeat(30_000)} is on resource: x`],
  ['a long ARN', `User: a is not on resource: arn:${'a:/'.repeat(20_000)}`],
  ['stars', `User: a is not on resource: ${'*'.repeat(60_000)}`],
  ['security tokens', `The security token ${'The security token '.repeat(3_000)}`],
  ['headers', canonical(`GET\n/x\n\n${'a:b\n'.repeat(15_000)}\nhost\nh`)],
  ['dots', '.'.repeat(60_000)],
  ['JSON Web Tokens', 'eyJ'.repeat(20_000)],
])('a hostile message of %s is explained in linear time', async (_, message) => {
  const send = rememberRequests(async () =>
    json(message, { 'x-amzn-errortype': 'InvalidSignatureException' }),
  )
  const call = createIamFetch({
    baseUrl: API,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' },
    fetch: send,
  })
  const response = await call('/x')
  expect(await cpuMs(() => explain(response))).toBeLessThan(500)
})

test('a hostile reason of a local stack is explained in linear time', async () => {
  for (const reason of [
    'of the role x allows y on arn:'.repeat(400),
    `arn:${':1'.repeat(6_000)}`,
  ]) {
    const response = json('Forbidden', { 'x-local-reason': `ImplicitDeny ${reason}` })
    expect(await cpuMs(() => explain(response))).toBeLessThan(500)
  }
})

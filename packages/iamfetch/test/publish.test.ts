import { Sha256 } from '@aws-crypto/sha256-js'
import { fakeFetch, fixedClock } from '@iamfetch/testing'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, test } from 'vitest'
import { publishEvents } from '../src/appsync/index.ts'
import { createIamFetch } from '../src/index.ts'
import { credentialsOf } from './fixtures.ts'

const API = 'https://abc.appsync-api.eu-central-1.amazonaws.com'

const ok = { successful: [{ index: 0, identifier: 'id-0' }], failed: [] }

function api(answer: () => Response) {
  const calls = fakeFetch(answer)
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    fetch: calls,
    clock: fixedClock(),
    retry: { attempts: 1 },
  })
  return { iamFetch, seen: calls.seen }
}

describe('publishEvents', () => {
  test("sends each event as JSON, signed as AWS's own signer signs it", async () => {
    const { iamFetch, seen } = api(() => Response.json(ok))
    const events = [{ text: '<ü>' }, 'text', null]
    const result = await publishEvents(iamFetch, { channel: '/notes/new', events })
    expect(result).toStrictEqual(ok)
    const [call] = seen
    expect(call).toMatchObject({ method: 'POST', url: `${API}/event` })
    expect(JSON.parse(call!.body)).toStrictEqual({
      channel: '/notes/new',
      events: ['{"text":"<ü>"}', '"text"', 'null'],
    })
    const { headers } = call!
    const authorization = headers.get('authorization') ?? ''
    const [, names = ''] = /SignedHeaders=([^,]+)/.exec(authorization) ?? []
    const stamp = headers.get('x-amz-date') ?? ''
    const own = names.split(';').filter((name) => !/^x-amz-(date|security-token)$/.test(name))
    const { accessKeyId, secretAccessKey, sessionToken } = credentialsOf('A')
    const signer = new SignatureV4({
      service: 'appsync',
      region: 'eu-central-1',
      sha256: Sha256,
      applyChecksum: false,
      credentials: { accessKeyId, secretAccessKey, sessionToken: sessionToken ?? '' },
    })
    const { host } = new URL(API)
    const signed = await signer.sign(
      new HttpRequest({
        method: 'POST',
        hostname: host,
        path: '/event',
        headers: Object.fromEntries(
          own.map((name) => [name, name === 'host' ? host : (headers.get(name) ?? '')]),
        ),
        body: call!.body,
      }),
      {
        signingDate: new Date(stamp.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')),
      },
    )
    expect(signed.headers['authorization']).toBe(authorization)
  })

  test('returns the events that AppSync did not publish, with the reason', async () => {
    const failed = [{ index: 1, identifier: 'id-1', message: 'too large' }]
    const { iamFetch } = api(() => Response.json({ ...ok, failed }))
    const result = await publishEvents(iamFetch, { channel: '/notes/new', events: [1, 2] })
    expect(result.failed).toStrictEqual(failed)
  })

  test.each<[string, Response, object]>([
    [
      'a 403',
      Response.json({ errors: [{ errorType: 'UnauthorizedException' }] }, { status: 403 }),
      { code: 'FORBIDDEN', retryable: false },
    ],
    ['a 429', new Response('', { status: 429 }), { code: 'THROTTLED', retryable: true }],
    ['a 503', new Response('', { status: 503 }), { code: 'SERVICE_UNAVAILABLE', retryable: true }],
    ['a page', new Response('<html>'), { code: 'UNEXPECTED_ANSWER' }],
    [
      'a response that breaks off',
      new Response(new ReadableStream({ pull: (it) => it.error(new TypeError('terminated')) })),
      { code: 'NETWORK_OR_CORS', retryable: true },
    ],
    [
      'a list of something else',
      Response.json({ successful: [1], failed: [] }),
      { code: 'UNEXPECTED_ANSWER' },
    ],
  ])('throws for %s', async (_, response, error) => {
    const { iamFetch } = api(() => response)
    await expect(
      publishEvents(iamFetch, { channel: '/notes/new', events: [1] }),
    ).rejects.toMatchObject(error)
  })

  test.each<[object, string]>([
    [{ channel: '/notes/*' }, '"channel" must begin with "/" and have no wildcard, got "/notes/*"'],
    [{ channel: 'notes' }, '"channel" must begin with "/" and have no wildcard, got "notes"'],
    [{ events: [] }, '"events" must be a list of 1 to 5 events, got 0'],
    [{ events: [1, 2, 3, 4, 5, 6] }, '"events" must be a list of 1 to 5 events, got 6'],
    [{ events: [undefined] }, '"events[0]" must be a value that JSON has'],
    [{ events: [1, 10n] }, '"events[1]" must be a value that JSON has, got 10'],
  ])('refuses %o', async (options, message) => {
    const { iamFetch, seen } = api(() => Response.json(ok))
    await expect(
      publishEvents(iamFetch, { channel: '/a', events: [1], ...options }),
    ).rejects.toThrow(`publishEvents: ${message}`)
    expect(seen).toHaveLength(0)
  })
})

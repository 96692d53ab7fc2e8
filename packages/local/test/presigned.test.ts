import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alice, iam, serveApi, type ServedApi } from './support/serve-api.ts'
import { serve, signer } from './support/gateway-scene.ts'
import { send, type RawAnswer } from './support/send-raw.ts'

let api: ServedApi
beforeAll(async () => {
  api = await serveApi({ type: 'rest', routes: { 'GET /test': iam() } })
})
afterAll(() => api.stop())

describe('a presigned request', () => {
  const host = [['host', 'localhost']] as const
  const part = (name: string, value: string): [string, string] => [`X-Amz-${name}`, value]
  const whole = [
    part('Algorithm', 'AWS4-HMAC-SHA256'),
    part('Credential', `${alice.accessKeyId}/20260101/eu-central-1/execute-api/aws4_request`),
    part('Date', '20260101T000000Z'),
    part('SignedHeaders', 'host'),
    part('Signature', '0'.repeat(64)),
  ]
  const ask = async (parts: [string, string][]): Promise<RawAnswer> =>
    send(api, 'GET', `/prod/test?${new URLSearchParams(parts)}`, host)
  const errorOf = ({ headers }: RawAnswer): string | null => headers.get('x-amzn-errortype')

  it('needs each of its parts, and the refusal names those that are missing', async () => {
    expect(errorOf(await ask(whole))).toBe('AccessDeniedException')
    for (const missing of ['Credential', 'Date', 'SignedHeaders', 'Signature']) {
      const answer = await ask(whole.filter(([name]) => name !== `X-Amz-${missing}`))
      expect([missing, answer.status, errorOf(answer)]).toEqual([
        missing,
        403,
        'IncompleteSignatureException',
      ])
      expect(answer.body['message']).toContain(`must include 'X-Amz-${missing}'`)
    }
  })

  it.each([
    ['another algorithm', [part('Algorithm', 'AWS4-ECDSA-P256-SHA256'), ...whole.slice(1)]],
    ['no algorithm', whole.slice(1)],
    ['a short signature', [...whole.slice(0, 4), part('Signature', '0')]],
    ['no life', [...whole, part('Expires', '0')]],
    ['a life that is none', [...whole, part('Expires', 'soon')]],
    ['a part twice', [...whole, part('Date', '20260101T000000Z')]],
  ])('is refused with %s', async (_, parts) => {
    expect(errorOf(await ask(parts))).toBe('IncompleteSignatureException')
  })

  it('may live for a second or for a week', async () => {
    for (const seconds of ['1', '604800']) {
      const answer = await ask([...whole, part('Expires', seconds)])
      expect(errorOf(answer)).toBe('AccessDeniedException')
    }
  })
})

describe.each(['http', 'rest'] as const)('the event of a presigned call of a %s API', (type) => {
  it('has all names of its query, and neither the signature nor the session token', async () => {
    const { url } = await serve({ type, routes: { 'GET /test': iam() } })
    const signed = await signer.sign(`${url}/test?page=2`, { aws: { signQuery: true } })
    const response = await fetch(signed.url)
    expect(response.status).toBe(200)
    const event = (await response.json()) as Record<string, Record<string, string>>
    const sent = new URL(signed.url).searchParams
    expect(event['queryStringParameters']).toStrictEqual({
      ...Object.fromEntries(sent),
      'X-Amz-Signature': 'removed-by-iamfetch-local',
      'X-Amz-Security-Token': 'removed-by-iamfetch-local',
    })
    const text = JSON.stringify(event)
    for (const name of ['X-Amz-Signature', 'X-Amz-Security-Token']) {
      expect(text).not.toContain(sent.get(name))
      expect(text).not.toContain(encodeURIComponent(sent.get(name) ?? ''))
    }
  })

  it('does not have them if their names are escaped in another way', async () => {
    const { url } = await serve({ type, routes: { 'GET /test': iam() } })
    const signed = await signer.sign(`${url}/test`, { aws: { signQuery: true } })
    const escaped = signed.url
      .replace('X-Amz-Security-Token', '%58-Amz-Security%2DToken')
      .replace('X-Amz-Signature', 'X-Amz-S%69gnature')
      .replace('X-Amz-Credential', 'X%2DAmz-Credential')
    expect(escaped).not.toMatch(/X-Amz-(Security-Token|Signature|Credential)/)
    const response = await fetch(escaped)
    expect(response.status).toBe(200)
    const { queryStringParameters: parameters } = (await response.json()) as {
      queryStringParameters: Record<string, string>
    }
    expect(parameters['X-Amz-Signature']).toBe('removed-by-iamfetch-local')
    expect(parameters['X-Amz-Security-Token']).toBe('removed-by-iamfetch-local')
  })
})

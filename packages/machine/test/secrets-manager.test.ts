import { inspect } from 'node:util'
import { fakeFetch, fixedClock, type Seen } from '@iamfetch/testing'
import { createIamFetch } from 'iamfetch'
import { describe, expect, test } from 'vitest'
import { machineToken, oauthTokenEndpoint } from '../src/index.ts'
import { secretsManager } from '../src/secrets-manager.ts'
import { elapse, testEndpoint } from './endpoint.ts'

type Stages = Partial<Record<'AWSCURRENT' | 'AWSPREVIOUS', string>>

function setUp(stages: Stages, options: { field?: string } = {}) {
  const clock = fixedClock()
  const next: ((seen: Seen) => Response)[] = []
  const service = fakeFetch((seen) => {
    const other = next.shift()
    if (other) return other(seen)
    const { VersionStage: stage }: { VersionStage: keyof Stages } = JSON.parse(seen.body)
    const SecretString = stages[stage]
    return SecretString === undefined
      ? Response.json({ __type: 'ResourceNotFoundException' }, { status: 400 })
      : Response.json({ Name: 'premium/reader', SecretString, VersionStages: [stage] })
  })
  const secret = secretsManager({
    secretId: 'premium/reader',
    region: 'eu-central-1',
    fetch: service,
    clock,
    ...options,
  })
  return { clock, service, secret, stages, next }
}

describe('a secret in Secrets Manager', () => {
  test('is read with GetSecretValue', async () => {
    const { service, secret } = setUp({ AWSCURRENT: 'one' })
    expect(await secret()).toEqual({ current: 'one' })
    const { url, method, headers, body } = service.seen[0]!
    expect([method, url]).toEqual(['POST', 'https://secretsmanager.eu-central-1.amazonaws.com/'])
    expect(headers.get('x-amz-target')).toBe('secretsmanager.GetSecretValue')
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1')
    expect(JSON.parse(body)).toEqual({ SecretId: 'premium/reader', VersionStage: 'AWSCURRENT' })
  })

  test('is read once for any number of callers, and kept for five minutes', async () => {
    const { clock, service, secret } = setUp({ AWSCURRENT: 'one' })
    await Promise.all(Array.from({ length: 50 }, () => secret()))
    await clock.advance(200_000)
    await secret()
    expect(service.seen).toHaveLength(1)
    await clock.advance(100_000)
    await secret()
    expect(service.seen).toHaveLength(2)
  })

  test('comes with the previous one when it is read again, if there is one', async () => {
    const { secret, stages } = setUp({ AWSCURRENT: 'two', AWSPREVIOUS: 'one' })
    expect(await secret({ forceRefresh: true })).toEqual({ current: 'two', previous: 'one' })
    delete stages.AWSPREVIOUS
    expect(await secret({ forceRefresh: true })).toEqual({ current: 'two' })
  })

  test('may be one key of a JSON object', async () => {
    const stored = JSON.stringify({ clientId: 'reader', clientSecret: 'one' })
    expect(await setUp({ AWSCURRENT: stored }, { field: 'clientSecret' }).secret()).toEqual({
      current: 'one',
    })
  })

  test.each<[string, Stages, { field?: string }]>([
    ['is not there', {}, {}],
    ['is empty', { AWSCURRENT: '' }, {}],
    ['is a JSON object and no key was named', { AWSCURRENT: '{"clientSecret":"Zq7-stored"}' }, {}],
    ['has no such key', { AWSCURRENT: '{"clientSecret":"Zq7-stored"}' }, { field: 'secret' }],
    ['is not JSON and a key was named', { AWSCURRENT: 'Zq7-stored' }, { field: 'secret' }],
  ])(
    'a secret in Secrets Manager that %s is an error that does not quote it',
    async (_, stages, options) => {
      const { secret } = setUp(stages, options)
      const error = await secret().catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'SECRET_UNAVAILABLE', retryable: false })
      expect(inspect(error, { depth: 9 })).not.toContain('Zq7')
    },
  )

  test('a secret in Secrets Manager that must not be read is requested once a minute, and at each call if the service fails', async () => {
    const denied = setUp({ AWSCURRENT: 'one' })
    const no = () => Response.json({ __type: 'AccessDeniedException' }, { status: 400 })
    denied.next.push(no, no, no)
    for (let call = 0; call < 3; call++) {
      await expect(denied.secret()).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' })
    }
    expect(denied.service.seen).toHaveLength(1)
    const failing = setUp({ AWSCURRENT: 'one' })
    failing.next.push(() => new Response('oops', { status: 500 }))
    await expect(failing.secret()).rejects.toMatchObject({ retryable: true, status: 500 })
    expect(await failing.secret()).toEqual({ current: 'one' })
  })

  test.each([
    [400, 'ThrottlingException', true],
    [429, '', true],
    [500, 'InternalServiceError', true],
    [400, 'AccessDeniedException', false],
    [403, '', false],
  ])(
    'a secret in Secrets Manager that is refused with %i %s may be had later: %s',
    async (status, type, retryable) => {
      const secret = secretsManager({
        secretId: 'a',
        region: 'eu-central-1',
        fetch: fakeFetch(() => Response.json({ __type: type }, { status })),
        clock: fixedClock(),
      })
      await expect(secret()).rejects.toMatchObject({
        code: 'SECRET_UNAVAILABLE',
        status,
        retryable,
      })
    },
  )

  test('a secret in Secrets Manager that hangs ends after five seconds', async () => {
    const clock = fixedClock()
    const secret = secretsManager({
      secretId: 'a',
      region: 'eu-central-1',
      fetch: fakeFetch(() => new Promise(() => {})),
      clock,
    })
    await expect(elapse(clock, secret(), 500)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  })

  test('feeds a machine token through a rotation', async () => {
    const { clock, service, secret, stages } = setUp({ AWSCURRENT: 'one' })
    const endpoint = testEndpoint(clock, { secrets: ['one'] })
    const token = machineToken({
      source: oauthTokenEndpoint({ url: 'https://idp.example/oauth2/token', clientId: 'reader' }),
      clientSecret: secret,
      fetch: endpoint,
      clock,
    })
    const first = await elapse(clock, token())
    stages.AWSCURRENT = 'two'
    endpoint.clients.get('reader')!.secrets = ['two']
    // The secret in memory is the old one; its refusal has it read again.
    token.invalidate(first)
    expect(await elapse(clock, token())).toBe(endpoint.minted[1])
    expect(service.seen).toHaveLength(3)
  })

  test('is read with the signature that a fetch of iamfetch makes', async () => {
    const service = fakeFetch(() => Response.json({ SecretString: 'one' }))
    const secret = secretsManager({
      secretId: 'premium/reader',
      region: 'eu-central-1',
      fetch: createIamFetch({
        baseUrl: 'https://secretsmanager.eu-central-1.amazonaws.com',
        service: 'secretsmanager',
        region: 'eu-central-1',
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'key' },
        fetch: service,
      }),
    })
    expect(await secret()).toEqual({ current: 'one' })
    const { headers } = service.seen[0]!
    expect(headers.get('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, SignedHeaders=.*x-amz-target/,
    )
  })

  test.each([
    ['no name', { secretId: '' }],
    ['no fetch', { fetch: undefined }],
    ['no region', { region: 'here' }],
    ['plain http', { endpoint: 'http://vault.example/' }],
  ])('is not made with %s', (_, wrong) => {
    const fine = { secretId: 'a', region: 'eu-central-1', fetch: fakeFetch(() => Response.error()) }
    // @ts-expect-error what a caller without types may hand over
    expect(() => secretsManager({ ...fine, ...wrong })).toThrow(TypeError)
  })
})

import { cognitoCredentials } from '@iamfetch/cognito'
import { startLocalStack, type StackDefinition } from '@iamfetch/local'
import { createIamFetch, type IamFetchOptions } from 'iamfetch'
import { describe, expect, test } from 'vitest'
import { fakeFetch } from '@iamfetch/testing'

const POOL = 'eu-central-1:11111111-2222-3333-4444-555555555555'
const keys = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }

/** A JWT as Cognito writes them; it is not verified here. */
const jwt = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

/** Calls with a `fetch` that must not be reached. */
async function refused(
  options: Partial<IamFetchOptions>,
  url: string,
  init?: RequestInit,
): Promise<unknown> {
  const reached = fakeFetch(() => new Response('reached'))
  try {
    const call = createIamFetch({
      baseUrl: 'https://abc.execute-api.eu-central-1.amazonaws.com',
      credentials: keys,
      fetch: reached,
      ...options,
    })
    await call(url, init)
  } catch (error) {
    return error
  } finally {
    expect(reached.seen).toHaveLength(0)
  }
  return undefined
}

const stream = (bytes: number): ReadableStream<Uint8Array> => {
  let left = bytes
  return new ReadableStream({
    pull(controller) {
      if (left <= 0) return controller.close()
      controller.enqueue(new Uint8Array(Math.min(left, 1 << 20)))
      left -= 1 << 20
    },
  })
}

describe('before anything leaves, a clear error names what is wrong and what to do', () => {
  test.each([
    ['missing', undefined],
    ['without its region', '11111111-2222-3333-4444-555555555555'],
    ['a user pool instead', 'eu-central-1_AbCdEfGhI'],
  ])('an identity pool ID that is %s', (_, identityPoolId) => {
    const make = (): unknown =>
      cognitoCredentials({ identityPoolId: identityPoolId as string, idToken: async () => '' })
    expect(make).toThrow(TypeError)
    expect(make).toThrow(/identityPoolId/)
  })

  test('an access token in place of the ID token', async () => {
    const reached = fakeFetch(() => new Response('reached'))
    const credentials = cognitoCredentials({
      identityPoolId: POOL,
      fetch: reached,
      idToken: async () => jwt({ token_use: 'access', sub: 's', iss: 'https://x', exp: 9e9 }),
    })
    await expect(credentials()).rejects.toMatchObject({
      code: 'NOT_AN_ID_TOKEN',
      remedy: expect.stringMatching(/ID token/),
    })
    expect(reached.seen).toHaveLength(0)
  })

  test('no region on a custom domain', async () => {
    const error = await refused({ baseUrl: 'https://api.example.com' }, '/test')
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toMatch(/region.*api\.example\.com/)
  })

  test('an ASIA key without its session token', async () => {
    const { sessionToken: _, ...credentials } = keys
    expect(await refused({ credentials }, '/test')).toMatchObject({
      code: 'CREDENTIALS_INCOMPLETE',
      remedy: expect.stringMatching(/sessionToken/),
    })
  })

  test('a GET with a body', async () => {
    expect(await refused({}, '/test', { method: 'GET', body: 'x' })).toMatchObject({
      code: 'BODY_NOT_ALLOWED',
      remedy: expect.stringMatching(/query|POST/),
    })
  })

  test.each([
    'https://evil.example/test',
    'https://abc.execute-api.eu-central-1.amazonaws.com.evil.example/',
    'http://abc.execute-api.eu-central-1.amazonaws.com/test',
    'https://abc.execute-api.eu-central-1.amazonaws.com@evil.example/test',
    '//evil.example/test',
  ])('an origin that is not allowed: %s', async (url) => {
    expect(await refused({}, url)).toMatchObject({
      code: 'ORIGIN_NOT_ALLOWED',
      remedy: expect.stringMatching(/origins/),
    })
  })

  test('a stream over 10 MB', async () => {
    const init = { method: 'POST', body: stream((10 << 20) + 1), duplex: 'half' } as RequestInit
    expect(await refused({}, '/test', init)).toMatchObject({
      code: 'BODY_TOO_LARGE',
      remedy: expect.stringMatching(/S3/),
    })
  })

  test.each<[what: string, definition: unknown, named: RegExp]>([
    [
      'an unknown group',
      { users: { carol: { groups: ['Unknown'] } } },
      /users\.carol\.groups.*Unknown/s,
    ],
    [
      'a policy with an unknown operator',
      {
        groups: {
          Odd: {
            policy: {
              Statement: [
                {
                  Effect: 'Allow',
                  Action: '*',
                  Resource: '*',
                  Condition: { StringEqualz: { 'aws:userid': 'x' } },
                },
              ],
            },
          },
        },
      },
      /groups\.Odd\.policy\.Statement.*StringEqualz/s,
    ],
  ])('a definition with %s', async (_, definition, named) => {
    const starting = startLocalStack(definition as StackDefinition)
    await expect(starting).rejects.toThrow(TypeError)
    await expect(starting).rejects.toThrow(named)
  })
})

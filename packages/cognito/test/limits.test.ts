import { describe, expect, test, vi } from 'vitest'
import { fakePool, failure, refuses } from './fake-pool.ts'

describe('a response that is larger than Cognito sends', () => {
  test('is not read to its end', async () => {
    let read = 0
    const huge = (): Response =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            read += 65_536
            controller.enqueue(new Uint8Array(65_536).fill(32))
          },
        }),
      )
    const pool = fakePool(huge)
    const failed = failure(pool.make()())
    for (let i = 0; i < 4; i++) await pool.pass(1_000)
    expect(await failed).toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      message: expect.stringContaining('larger than 1048576 bytes'),
    })
    // Three attempts, each up to the limit.
    expect(read).toBeLessThan(3 * 1_048_576 + 20 * 65_536)
  })

  test('is ended by the time limit if it never ends', async () => {
    const pool = fakePool(() => new Response(new ReadableStream()))
    const failed = failure(pool.make()())
    for (let i = 0; i < 8; i++) await pool.pass(10_001)
    expect(await failed).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })

  test('is shown in part in an error', async () => {
    const pool = fakePool(() => refuses('ValidationException', 'word '.repeat(50_000)))
    const error = await failure(pool.make()())
    expect(String(Object(error).message).length).toBeLessThan(2_100)
  })
})

const SECRETS = [
  `IQoJb3JpZ2luX2VjE${'Aa0/+'.repeat(60)}==`,
  `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.${'c2lnbmF0dXJl'.repeat(4)}`,
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  '1ab2cd3ef4gh5ij6kl7mn8op9qr0st1uv2wx3yz4ab5cd6ef7gh',
]
test.each(
  SECRETS.flatMap((secret) =>
    [
      () => refuses('NotAuthorizedException', `no ${secret}`),
      () => refuses(secret, 'no'),
      () => Response.json({ __type: secret, message: secret }, { status: 400 }),
      () =>
        Response.json(
          { message: 'no' },
          { status: 400, headers: { 'x-amzn-requestid': secret, 'x-amzn-errortype': secret } },
        ),
      () => new Response(secret, { status: 403 }),
    ].map((answer) => [secret.slice(0, 8), secret, answer] as const),
  ),
)('a secret that Cognito repeats is in no error: %s…', async (_, secret, answer) => {
  const pool = fakePool(answer)
  const error = await failure(pool.make()())
  expect(error).toMatchObject({ name: 'IamFetchError' })
  const shown = JSON.stringify(error) + String(error)
  for (let at = 0; at + 24 <= secret.length; at += 8) {
    expect(shown).not.toContain(secret.slice(at, at + 24))
  }
})

test('an exchange that fails on a device that is offline says so', async () => {
  vi.stubGlobal('navigator', { onLine: false })
  try {
    const pool = fakePool(() => {
      throw new TypeError('Failed to fetch')
    })
    const failed = failure(pool.make()())
    for (let i = 0; i < 4; i++) await pool.pass(1_000)
    expect(await failed).toMatchObject({ code: 'OFFLINE', retryable: true })
  } finally {
    vi.unstubAllGlobals()
  }
})

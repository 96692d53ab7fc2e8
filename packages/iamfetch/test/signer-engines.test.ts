import type { Credentials } from '@iamfetch/core'
import { createSigner, type Signer } from '@iamfetch/sigv4'
import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import type { SignerContext } from '../src/index.ts'
import { presignedSigner } from '../src/presigned.ts'
import { API, credentialsOf } from './fixtures.ts'

const LATTICE = 'https://abc.7d67968.vpc-lattice-svcs.eu-central-1.on.aws'
const FUNCTION = 'https://abc.lambda-url.eu-central-1.on.aws'
const clock = fixedClock()

const ENGINES: Record<string, (context: SignerContext) => Signer> = {
  createSigner: ({ credentials, ...context }) => createSigner({ ...context, credentials }),
  awsSdkSigner,
  presignedSigner: presignedSigner(),
}

/** A request of the kind that the engine is for: `presignedSigner` signs those with a bearer token in another way. */
const initFor = (name: string, init: RequestInit = {}): RequestInit => {
  const headers = new Headers(init.headers)
  if (name === 'presignedSigner') headers.set('authorization', 'Bearer token')
  return { ...init, headers }
}

describe.each(Object.entries(ENGINES))('%s', (name, create) => {
  const engine = (credentials: () => Promise<unknown> = async () => credentialsOf('A')): Signer =>
    create({ credentials: credentials as () => Promise<Credentials>, clock })

  test('requests the credentials before it reads a body that takes time', async () => {
    const order: string[] = []
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          await Promise.resolve()
          order.push('body')
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const asked = async (): Promise<Credentials> => {
      order.push('credentials')
      return credentialsOf('A')
    }
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    await engine(asked).sign(API, initFor(name, init))
    expect(order).toEqual(['credentials', 'body'])
  })

  test.each([
    [{ region: 'EU West' }, '"region" must consist of letters, digits and "-", got "EU West"'],
    [{ service: 'a/b' }, '"service" must consist of letters, digits and "-", got "a/b"'],
    [
      { signingHost: 'https://x.example' },
      '"signingHost" must be a host name, not a URL, got "https://x.example"',
    ],
  ])('refuses %o when it is created', (wrong, message) => {
    const credentials = async (): Promise<Credentials> => credentialsOf('A')
    expect(() => create({ credentials, clock, ...wrong })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: `${name}: ${message}` }),
    )
  })

  test('refuses credentials that are missing, or that expired by a text', async () => {
    const missing = engine(async () => undefined)
    const expired = engine(async () => ({
      ...credentialsOf('A'),
      expiration: '2025-12-31T23:59:59Z',
    }))
    for (const signing of [
      (one: Signer) => one.sign(API, initFor(name)),
      (one: Signer) => one.presign(API),
    ]) {
      await expect(signing(missing)).rejects.toMatchObject({ code: 'CREDENTIALS_INCOMPLETE' })
      await expect(signing(expired)).rejects.toMatchObject({ code: 'CREDENTIALS_EXPIRED' })
    }
  })

  test('refuses a signed header that no two servers read alike, and requests without their headers', async () => {
    const init = initFor(name, { headers: { 'x-amz-meta': '\u00e9' } })
    const error = { code: 'HEADER_NOT_SIGNABLE' }
    await expect(engine().sign(API, init)).rejects.toMatchObject(error)
    const opaque = initFor(name, { mode: 'no-cors' })
    await expect(engine().sign(API, opaque)).rejects.toMatchObject(error)
  })

  test('presigns for as long as the service accepts, and not for VPC Lattice', async () => {
    const presign = (url: string, expiresInSeconds: number): Promise<URL> =>
      engine().presign(url, { expiresInSeconds })
    await expect(presign(API, 301)).rejects.toMatchObject({ code: 'EXPIRES_TOO_LATE' })
    expect((await presign(FUNCTION, 604_800)).search).toContain('X-Amz-Expires=604800')
    await expect(presign(FUNCTION, 604_801)).rejects.toMatchObject({ code: 'EXPIRES_TOO_LATE' })
    await expect(presign(LATTICE, 60)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'presign: VPC Lattice accepts no presigned URLs: sign the request instead',
    })
  })
})

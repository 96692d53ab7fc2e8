import { createRequestSigner, createSigner, type Signer } from '@iamfetch/sigv4'
import { createSigner as createNativeSigner } from '@iamfetch/sigv4/native'
import { describe, expect, test } from 'vitest'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { presignedSigner } from '../src/presigned.ts'
import { scene, type Scene } from './caller-scene.ts'
import { API } from './fixtures.ts'

const URL_TO_SIGN = `${API}/notes`

/** A body that takes some turns to read. */
const slowBody = (turns: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      controller.enqueue(new Uint8Array(10))
      controller.close()
    },
  })

const signSlowBody = (signer: Signer): Promise<Request> =>
  signer.sign(URL_TO_SIGN, { method: 'POST', body: slowBody(20), duplex: 'half' } as RequestInit)

const SIGNINGS: [string, (device: Scene) => Promise<unknown>][] = [
  [
    'sign of createSigner',
    ({ credentials }) =>
      createSigner({ credentials }).sign(URL_TO_SIGN, { method: 'POST', body: 'x' }),
  ],
  [
    'sign of createSigner with a slow body',
    ({ credentials }) => signSlowBody(createSigner({ credentials })),
  ],
  [
    'sign of createSigner on React Native',
    ({ credentials }) => createNativeSigner({ credentials }).sign(URL_TO_SIGN),
  ],
  [
    'presign of createSigner',
    ({ credentials }) => createSigner({ credentials }).presign(URL_TO_SIGN),
  ],
  [
    'sign of createRequestSigner',
    ({ credentials }) =>
      createRequestSigner({ credentials }).sign({ url: URL_TO_SIGN, method: 'GET', headers: [] }),
  ],
  [
    'sign of presignedSigner',
    ({ credentials, clock }) =>
      presignedSigner()({ credentials, clock }).sign(URL_TO_SIGN, {
        headers: { authorization: 'Bearer x' },
      }),
  ],
  [
    'sign of awsSdkSigner',
    ({ credentials, clock }) => awsSdkSigner({ credentials, clock }).sign(URL_TO_SIGN),
  ],
  [
    'sign of awsSdkSigner with a slow body',
    ({ credentials, clock }) => signSlowBody(awsSdkSigner({ credentials, clock })),
  ],
  [
    'presign of awsSdkSigner',
    ({ credentials, clock }) => awsSdkSigner({ credentials, clock }).presign(URL_TO_SIGN),
  ],
]

describe('nothing is signed for a user who signed out in the meantime:', () => {
  test.each(SIGNINGS)('%s', async (_, sign) => {
    const device = scene(() => new Response())
    const outcomes: string[] = []
    for (let moment = 0; moment < 50; moment++) {
      await device.credentials()
      let isCleared = false
      const signed = sign(device).then(
        () => (isCleared ? 'late' : 'early'),
        (error: unknown) => String(Object(error).code),
      )
      for (let turn = 0; turn < moment; turn++) await Promise.resolve()
      device.credentials.clear()
      isCleared = true
      outcomes.push(await signed)
    }
    expect(outcomes[0]).toBe('CLEARED')
    // A signature that was complete before `clear()` needs a turn or two to get to the caller.
    expect(outcomes.filter((outcome) => outcome === 'late').length).toBeLessThan(3)
    expect(outcomes.join()).toMatch(/^(CLEARED,)+(late,)*(early,?)+$/)
  })
})

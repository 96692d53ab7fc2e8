import { withGlobal } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { createSigner } from '../src/native.ts'

/** The `FileReader` of React Native for a file that is gone. */
class FailingReader extends EventTarget {
  readonly error = null
  readAsArrayBuffer(): void {
    this.dispatchEvent(new Event('error'))
  }
}

/** The `Blob` of React Native, which has no `arrayBuffer`. */
class NativeBlob {
  readonly size = 5
  readonly type = 'image/png'
}

test('a blob that was revoked names no reason, and is an unreadable body', async () => {
  const signer = createSigner({
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    sha256: async () => new Uint8Array(32),
  })
  const url = 'https://abc123.execute-api.eu-central-1.amazonaws.com/photos'
  const signed = withGlobal('FileReader', FailingReader, () =>
    withGlobal('Blob', NativeBlob, () =>
      signer.sign(url, { method: 'POST', body: new NativeBlob() as never }),
    ),
  )
  await expect(signed).rejects.toMatchObject({
    code: 'BODY_UNREADABLE',
    message: 'The request body cannot be read.',
    cause: { message: 'The Blob could not be read.' },
  })
})

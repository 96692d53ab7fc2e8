import { afterEach, expect, test, vi } from 'vitest'
import { bufferRequest } from '../src/index.ts'

// React Native's `fetch` has no streams: `Response` has no `body`, and there is no `TransformStream`.
class WithoutBody extends Response {
  override get body(): null {
    return null
  }
}

afterEach(() => vi.unstubAllGlobals())

test.each<[string, BodyInit | null, string]>([
  ['parameters', new URLSearchParams({ a: 'b c' }), 'a=b+c'],
  ['a blob', new Blob(['text']), 'text'],
  ['a buffer', new TextEncoder().encode('text').buffer, 'text'],
  ['nothing', null, ''],
])('a body of %s is read where there are no streams', async (_, body, text) => {
  vi.stubGlobal('Response', WithoutBody)
  vi.stubGlobal('TransformStream', undefined)
  const { init } = await bufferRequest('https://example.com/', { method: 'POST', body })
  expect(new TextDecoder().decode(init.body as Uint8Array)).toBe(text)
})

test('a body that is too large is refused there too', async () => {
  vi.stubGlobal('Response', WithoutBody)
  const init = { method: 'POST', body: new Blob(['text']) }
  const large = bufferRequest('https://example.com/', init, { limitBytes: 3 })
  await expect(large).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
})

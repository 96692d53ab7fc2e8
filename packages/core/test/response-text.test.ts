import { expect, test } from 'vitest'
import { readText } from '../src/index.ts'

const endless = (piece: string, onCancel: () => void): Response =>
  new Response(
    new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(piece)),
      cancel: onCancel,
    }),
  )

test('a response within the limit is read whole, characters across pieces included', async () => {
  const bytes = new TextEncoder().encode('grüße')
  const pieces = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  expect(await readText(new Response(pieces), bytes.byteLength)).toBe('grüße')
})

test('an endless response ends with UNEXPECTED_ANSWER at the limit and is not downloaded further', async () => {
  let cancelled = false
  const response = endless('x'.repeat(1_000), () => (cancelled = true))
  await expect(readText(response, 10_000)).rejects.toMatchObject({
    code: 'UNEXPECTED_ANSWER',
    message: 'The response is larger than 10000 bytes, so it was not read to its end.',
  })
  expect(cancelled).toBe(true)
})

test('a response without a stream is checked against the limit as well', async () => {
  const response = { body: undefined, text: async () => 'x'.repeat(11) } as unknown as Response
  await expect(readText(response, 10)).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
  expect(await readText({ text: async () => 'ok' } as unknown as Response)).toBe('ok')
})

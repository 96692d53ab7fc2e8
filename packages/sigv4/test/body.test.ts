/* oxlint-disable typescript/no-unsafe-type-assertion -- inputs that the types forbid, JSON that the suite wrote */
import { IamFetchError } from '@iamfetch/core'
import { describe, expect, test } from 'vitest'
import { bufferRequest } from '../src/index.ts'
import { bufferRequest as bufferNatively } from '../src/native-body.ts'

const url = 'https://abc.execute-api.eu-central-1.amazonaws.com/items'
const text = 'grüße 😀'
const bytes = new TextEncoder().encode(text)
const around = new Uint8Array([1, 2, ...bytes, 3])
const view = around.subarray(2, 2 + bytes.length)

/** What `fetch` itself would send. */
async function native(body: BodyInit): Promise<[Uint8Array, string | null]> {
  const request = new Request(url, { method: 'POST', body })
  return [new Uint8Array(await request.arrayBuffer()), request.headers.get('content-type')]
}
const post = async (body: BodyInit | null | undefined, options?: { limitBytes?: number }) => {
  const { init } = await bufferRequest(
    url,
    { method: 'POST', body: body!, duplex: 'half' } as RequestInit,
    options,
  )
  const request = new Request(url, init)
  const type = request.headers.get('content-type')
  return { bytes: new Uint8Array(await request.arrayBuffer()), type }
}
async function code(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(IamFetchError)
  expect((error as IamFetchError).remedy).toMatch(/\w/)
  return (error as IamFetchError).code
}
const stream = (...chunks: unknown[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as Uint8Array)
      controller.close()
    },
  })

describe('a body', () => {
  test.each<[string, BodyInit]>([
    ['text', text],
    ['no text', ''],
    ['parameters', new URLSearchParams({ a: 'b c', ü: '+' })],
    ['a blob', new Blob([bytes], { type: 'image/png' })],
    ['a blob without a type', new Blob([bytes])],
    ['a buffer', bytes.slice().buffer],
    ['a view that does not start at 0', view],
    ['a DataView', new DataView(around.buffer, 2, bytes.length)],
    ['words', new Uint16Array(around.slice(0, 4).buffer)],
  ])('a body of %s is the bytes and the content type that fetch would send', async (_, body) => {
    const [expected, type] = await native(body)
    const got = await post(body)
    expect([...got.bytes]).toEqual([...expected])
    expect(got.type).toBe(type)
  })

  test('a body of a form is read once: its boundary is the one in the content type', async () => {
    const form = new FormData()
    form.append('name', text)
    form.append('file', new File([bytes], 'ü.txt', { type: 'text/plain' }))
    const got = await post(form)
    const boundary = /^multipart\/form-data; boundary=(.*)$/.exec(got.type!)![1]!
    const back = await new Response(got.bytes as BodyInit, {
      headers: { 'content-type': got.type! },
    }).formData()
    expect(new TextDecoder().decode(got.bytes)).toContain(`--${boundary}--`)
    expect(back.get('name')).toBe(text)
    expect(await (back.get('file') as File).text()).toBe(text)
  })

  test('a body of a stream is collected', async () => {
    const got = await post(stream(bytes.subarray(0, 3), bytes.subarray(3)))
    expect([...got.bytes]).toEqual([...bytes])
    expect(got.type).toBeNull()
  })

  test('is copied: changing the bytes afterwards changes nothing', async () => {
    const mine = bytes.slice()
    const { bytes: got } = await post(mine)
    mine.fill(0)
    expect([...got]).toEqual([...bytes])
  })

  test('may come with a signal that is null', async () => {
    const init = { method: 'POST', body: new Blob([bytes]), signal: null }
    expect([...((await bufferRequest(url, init)).init.body as Uint8Array)]).toEqual([...bytes])
  })

  test('keeps the content type that the caller set', async () => {
    for (const body of ['{}', new Blob(['{}'], { type: 'text/css' }), new URLSearchParams('a=b')]) {
      const { init } = await bufferRequest(url, {
        method: 'PUT',
        body,
        headers: [['Content-Type', 'application/json']],
      })
      expect(init.headers.get('content-type')).toBe('application/json')
    }
  })

  test('may be missing', async () => {
    for (const body of [null, undefined]) {
      const got = await post(body)
      expect(got.bytes).toHaveLength(0)
      expect(got.type).toBeNull()
    }
    expect((await bufferRequest(url)).init.body).toBeUndefined()
    expect((await bufferRequest(new Request(url, { method: 'DELETE' }))).init.method).toBe('DELETE')
  })
})

describe('a request', () => {
  test('keeps its fields, and what init says wins', async () => {
    const controller = new AbortController()
    const request = new Request(url, {
      method: 'PATCH',
      body: text,
      headers: { 'x-one': '1' },
      signal: controller.signal,
      redirect: 'manual',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      keepalive: true,
      integrity: 'sha256-abc',
    })
    const { url: address, init } = await bufferRequest(request, {
      redirect: 'error',
      signal: undefined!,
    })
    expect(address).toBe(url)
    const sent = new Request(address, init)
    expect(sent).toMatchObject({
      method: 'PATCH',
      redirect: 'error',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      keepalive: true,
      integrity: 'sha256-abc',
    })
    expect(sent.headers.get('x-one')).toBe('1')
    expect(sent.headers.get('content-type')).toBe('text/plain;charset=UTF-8')
    expect(request.bodyUsed).toBe(true)
    controller.abort()
    expect(sent.signal.aborted).toBe(true)
    expect([
      await new Request(address, init).text(),
      await new Request(address, init).text(),
    ]).toEqual([text, text])
  })

  test('takes the body of init in place of its own', async () => {
    const request = new Request(url, { method: 'POST', body: 'own' })
    const { init } = await bufferRequest(request, { body: bytes })
    expect([...(init.body as Uint8Array)]).toEqual([...bytes])
  })

  test('may be given as a URL, with fields that only some platforms know', async () => {
    const init = { method: 'POST', body: 'a', dispatcher: 1 } as RequestInit
    const got = await bufferRequest(new URL(url), init)
    expect(got).toMatchObject({ url, init: { method: 'POST', dispatcher: 1 } })
    expect(init.body).toBe('a')
  })
})

describe('before anything leaves', () => {
  test('a GET or HEAD request with a body is refused', async () => {
    for (const method of [undefined, 'get', 'HEAD']) {
      const init = { body: 'text', ...(method && { method }) }
      expect(await code(bufferRequest(url, init))).toBe('BODY_NOT_ALLOWED')
    }
    expect(await code(bufferRequest(new Request(url), { body: 'text' }))).toBe('BODY_NOT_ALLOWED')
    for (const read of [bufferRequest, bufferNatively]) {
      const withBody = new Request(url, { method: 'POST', body: 'text' })
      expect(await code(read(withBody, { method: 'GET' }))).toBe('BODY_NOT_ALLOWED')
    }
  })

  test('a stream over the limit is refused and not read further', async () => {
    let pulled = 0
    let cancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(1_000_000))
      },
      cancel() {
        cancelled = true
      },
    })
    expect(await code(post(endless))).toBe('BODY_TOO_LARGE')
    expect(pulled).toBeLessThan(15)
    expect(cancelled).toBe(true)
  })

  test('so is that of a request', async () => {
    let pulled = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1_000))
        if (++pulled > 50) controller.close()
      },
    })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fetch needs it for a stream, TypeScript does not know it
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const request = new Request(url, init)
    expect(await code(bufferRequest(request, {}, { limitBytes: 1_000 }))).toBe('BODY_TOO_LARGE')
    expect(pulled).toBeLessThan(10)
  })

  test('a body of exactly the limit passes, one byte more does not', async () => {
    const full = new Uint8Array(1_000)
    const more = new Uint8Array(1_001)
    const limit = { limitBytes: 1_000 }
    expect((await post(stream(full), limit)).bytes).toHaveLength(1_000)
    expect((await post(full, limit)).bytes).toHaveLength(1_000)
    expect((await post(stream(new Uint8Array(10 * 1024 * 1024)))).bytes).toHaveLength(10_485_760)
    expect(await code(post(new Uint8Array(10 * 1024 * 1024 + 1)))).toBe('BODY_TOO_LARGE')
    for (const body of ['x'.repeat(1_000), 'ü'.repeat(500), '\u1234'.repeat(333)]) {
      expect((await post(body, limit)).bytes.length).toBeGreaterThan(998)
    }
    for (const body of [
      more,
      'x'.repeat(1_001),
      'ü'.repeat(501),
      new Blob([more]),
      stream(full, full.slice(0, 1)),
    ]) {
      expect(await code(post(body, limit))).toBe('BODY_TOO_LARGE')
    }
  })

  test('a body that cannot be read is refused', async () => {
    const used = new Request(url, { method: 'POST', body: 'a' })
    await used.text()
    expect(await code(bufferRequest(used))).toBe('BODY_UNREADABLE')
    const locked = stream(bytes)
    locked.getReader()
    expect(await code(post(locked))).toBe('BODY_UNREADABLE')
    expect(await code(post(stream('text')))).toBe('BODY_UNREADABLE')
    const broken = new ReadableStream({
      start: (controller) => controller.error(new Error('disk')),
    })
    expect(await code(post(broken))).toBe('BODY_UNREADABLE')
  })

  test('an object that fetch would send as "[object Object]" is refused', async () => {
    expect(await code(post({ a: 1 } as unknown as BodyInit))).toBe('BODY_UNREADABLE')
    expect(await code(post([1] as unknown as BodyInit))).toBe('BODY_UNREADABLE')
  })

  test('the error for a value that is not a body names its type, and does not quote it', async () => {
    const seen = await Promise.all(
      [['secret'], { a: 'secret' }, 123456].map((body) =>
        post(body as unknown as BodyInit).catch((error: unknown) => (error as Error).message),
      ),
    )
    expect(seen).toEqual(
      ['object', 'object', 'number'].map((type) => `A body of the type "${type}" cannot be sent.`),
    )
  })

  test('"limitBytes" that is not a number is refused, and is not a body without a limit', async () => {
    await expect(post('abc', { limitBytes: Number.NaN })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'bufferRequest: "limitBytes" must be a number, got NaN',
    })
  })

  test('null in place of the options means none, as for fetch', async () => {
    const { init } = await bufferRequest(url, null as unknown as undefined)
    expect(init.method).toBe('GET')
  })

  test('the signal null takes the signal of a Request away, as for fetch', async () => {
    const request = new Request(url, {
      method: 'POST',
      body: text,
      signal: AbortSignal.abort(new Error('gone')),
    })
    const { init } = await bufferRequest(request, { signal: null })
    expect(init.signal).toBeNull()
    expect(init.body).toEqual(bytes)
  })

  test('an abort ends the reading with its reason', async () => {
    const controller = new AbortController()
    const hanging = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(bytes) })
    const init = {
      method: 'POST',
      body: hanging,
      signal: controller.signal,
      duplex: 'half',
    } as RequestInit
    const reading = bufferRequest(url, init)
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})

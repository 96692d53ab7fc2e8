import { createHash } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import * as web from '../src/index.ts'
import { bufferRequest, createSigner } from '../src/native.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const clock = { now: () => Date.UTC(2026, 0, 1) }
const ADDRESS = 'https://abc.execute-api.eu-central-1.amazonaws.com/prod//a@b?b=2&a=x y'

afterEach(() => vi.unstubAllGlobals())

test.each([
  ['text', 'grüße'],
  ['bytes', new Uint8Array([1, 2, 3]).subarray(1)],
  ['a buffer', new Uint8Array([1, 2, 3]).buffer],
  ['parameters', new URLSearchParams({ a: 'b c' })],
  ['a blob', new Blob(['x'], { type: 'image/png' })],
  ['nothing', undefined],
])('a POST of %s is signed as the portable entry signs it', async (_, body) => {
  const init = { method: 'POST', headers: { 'x-amz-y': ' z ' }, ...(body && { body }) }
  const sign = async (create: typeof web.createSigner) => {
    const request = await create({ credentials, clock }).sign(ADDRESS, init)
    return [request.url, [...request.headers], await request.text()]
  }
  expect(await sign(createSigner)).toEqual(await sign(web.createSigner))
})

test('a presigned URL is that of the portable entry', async () => {
  const presign = async (create: typeof web.createSigner) =>
    (await create({ credentials, clock }).presign(ADDRESS)).href
  expect(await presign(createSigner)).toBe(await presign(web.createSigner))
})

test('a native hash gets the body, and the signature is the same', async () => {
  const sha256 = vi.fn(async (data: Uint8Array) => createHash('sha256').update(data).digest())
  const init = { method: 'POST', body: 'grüße' }
  const signed = await createSigner({ credentials, clock, sha256 }).sign(ADDRESS, init)
  const plain = await web.createSigner({ credentials, clock }).sign(ADDRESS, init)
  expect(signed.headers.get('authorization')).toBe(plain.headers.get('authorization'))
  expect(sha256).toHaveBeenCalledTimes(1)
})

test('a native hash that returns something else makes no signature', async () => {
  const signer = createSigner({ credentials, clock, sha256: () => new Uint8Array(20) })
  await expect(signer.sign(ADDRESS, { method: 'POST', body: 'x' })).rejects.toThrow(TypeError)
})

/** As React Native's: no iterator, and parts with what goes over the wire. */
class NativeForm {
  #parts: [string, string | object][] = []
  append(name: string, value: string | object): void {
    this.#parts.push([name, value])
  }
  getParts(): object[] {
    return this.#parts.map(([fieldName, value]) =>
      typeof value === 'object' ? { ...value, fieldName } : { string: value, fieldName },
    )
  }
}

const buffered = async (body: unknown, limitBytes?: number) =>
  bufferRequest('https://a.example/', { method: 'POST', body: body as BodyInit }, { limitBytes })

test('a form of React Native is written as a browser writes it', async () => {
  vi.stubGlobal('FormData', NativeForm)
  const form = new NativeForm()
  form.append('a "b"', 'one\ntwo')
  form.append('ü', '😀')
  const { init } = await buffered(form)
  const read = await new Response(init.body, { headers: init.headers }).formData()
  expect([...read]).toEqual([
    ['a "b"', 'one\r\ntwo'],
    ['ü', '😀'],
  ])
})

test('a form with a part that only the native side can read says what to do', async () => {
  vi.stubGlobal('FormData', NativeForm)
  const form = new NativeForm()
  form.append('photo', { uri: 'file:///photo.jpg', name: 'photo.jpg', type: 'image/jpeg' })
  await expect(buffered(form)).rejects.toMatchObject({
    code: 'BODY_UNREADABLE',
    remedy: expect.stringContaining('new File(uri)'),
  })
})

test('a form with a file that can be read, as Expo’s, is read', async () => {
  const form = new FormData()
  form.append('file', new File(['text'], 'ü.txt', { type: 'text/plain' }))
  const { init } = await buffered(form)
  const read = await new Response(init.body, { headers: init.headers }).formData()
  const file = read.get('file') as File
  expect([file.name, file.type, await file.text()]).toEqual(['ü.txt', 'text/plain', 'text'])
})

test('a type with line breaks adds neither headers nor parts to a form', async () => {
  vi.stubGlobal('FormData', NativeForm)
  const form = new NativeForm()
  const file = {
    name: 'a.txt',
    type: 'text/plain\r\nx-more: 1\r\n\r\nmore',
    arrayBuffer: async () => new TextEncoder().encode('text').buffer,
  }
  form.append('file', file)
  const { init } = await buffered(form)
  const sent = Buffer.from(init.body as Uint8Array).toString()
  expect(sent).toContain('content-type: application/octet-stream\r\n\r\ntext\r\n')
  expect(sent).not.toContain('more')
})

test('a stream, where Expo brings one, is read up to the limit', async () => {
  const { init } = await buffered(new Blob(['abc']).stream())
  expect(Buffer.from(init.body as Uint8Array).toString()).toBe('abc')
  await expect(buffered(new Blob(['abc']).stream(), 2)).rejects.toMatchObject({
    code: 'BODY_TOO_LARGE',
  })
})

test.each([
  ['an object', {}, 'BODY_UNREADABLE'],
  ['a text that is too long', 'abc', 'BODY_TOO_LARGE'],
  ['a blob that is too large', new Blob(['abc']), 'BODY_TOO_LARGE'],
])('%s is refused', async (_, body, code) => {
  await expect(buffered(body, 2)).rejects.toMatchObject({ code })
})

test('a GET with a body is refused, and cache does not come through', async () => {
  const get = bufferRequest('https://a.example/', { body: 'x' })
  await expect(get).rejects.toMatchObject({ code: 'BODY_NOT_ALLOWED' })
  const { init } = await bufferRequest('https://a.example/', { cache: 'no-store' })
  expect(init).not.toHaveProperty('cache')
})

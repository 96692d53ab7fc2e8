import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { echo, serveApi, type ServedApi } from './support/serve-api.ts'

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff])
let api: ServedApi
beforeAll(async () => {
  const image = {
    statusCode: 200,
    headers: { 'content-type': 'image/png' },
    body: PNG.toString('base64'),
    isBase64Encoded: true,
  }
  api = await serveApi({
    type: 'rest',
    binaryMediaTypes: ['image/*', 'application/octet-stream'],
    routes: {
      'POST /echo': { auth: 'none', handler: echo },
      'GET /image': { auth: 'none', handler: () => image },
    },
  })
})
afterAll(() => api.stop())

describe('the binary media types of a REST API', () => {
  it.each([
    ['image/png', true],
    ['IMAGE/PNG; q=1', true],
    ['application/octet-stream', true],
    ['application/json', false],
    ['*/*', false],
    [undefined, false],
  ])('a body of the type %s is base64: %s', async (type, isBase64Encoded) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    const response = await fetch(`${api.url}/echo`, { method: 'POST', headers, body: PNG })
    const event = await response.json()
    expect([event.isBase64Encoded, event.body]).toEqual([
      isBase64Encoded,
      PNG.toString(isBase64Encoded ? 'base64' : 'utf8'),
    ])
  })

  it.each([
    ['image/png', true],
    ['image/webp,text/html', true],
    ['text/html,image/png', false],
    ['*/*', false],
  ])('a base64 result goes out as bytes for Accept: %s: %s', async (accept, isBytes) => {
    const response = await fetch(`${api.url}/image`, { headers: { accept } })
    const body = Buffer.from(await response.arrayBuffer())
    expect(body.toString('latin1')).toBe(isBytes ? PNG.toString('latin1') : PNG.toString('base64'))
  })

  it('with */* are all types, and a request without Accept receives bytes as well', async () => {
    const all = await serveApi({
      type: 'rest',
      binaryMediaTypes: ['*/*'],
      routes: {
        'POST /echo': { auth: 'none', handler: echo },
        'GET /image': {
          auth: 'none',
          handler: () => ({ body: PNG.toString('base64'), isBase64Encoded: true }),
        },
      },
    })
    const sent = await fetch(`${all.url}/echo`, { method: 'POST', body: 'text' })
    expect((await sent.json()).isBase64Encoded).toBe(true)
    const received = await fetch(`${all.url}/image`)
    expect(Buffer.from(await received.arrayBuffer())).toEqual(PNG)
    await all.stop()
  })
})

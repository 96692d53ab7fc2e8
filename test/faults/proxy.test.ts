import { createServer, request as send, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { explain, rememberRequests } from 'iamfetch/explain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startScene, type Scene } from './scene.ts'

// A proxy is in front of the API, such as CloudFront with an origin path: `/api/…` there is `/…` here, under another host.
let scene: Scene
let proxy: Server
let front: string
let api: URL

beforeAll(async () => {
  scene = await startScene()
  api = new URL(scene.stack.config.apis['rest']!.url)
  proxy = createServer((asked, answer) => {
    const path = api.pathname.replace(/\/$/, '') + asked.url!.replace(/^\/api(?=\/)/, '')
    const headers = { ...asked.headers, host: api.host }
    const passed = send(
      { host: api.hostname, port: api.port, path, method: asked.method, headers },
      (got) => {
        answer.writeHead(got.statusCode!, got.headers)
        got.pipe(answer)
      },
    )
    asked.pipe(passed)
  })
  await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  front = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`
})
afterAll(async () => {
  proxy?.close()
  await scene?.stack.stop()
})

const behind = (path: string): string =>
  path.replace(/^\/api(?=\/)/, api.pathname.replace(/\/$/, ''))

test('a proxy that changes host and path is called like the API itself', async () => {
  const alice = await scene.person('alice')
  const { call } = scene.page(alice, {
    fetch: { baseUrl: front, signingHost: api.host, signingPath: behind },
  })
  const init = { method: 'POST', body: 'grüße' }
  for (const path of ['/test', '/test?q=a+b&flag']) {
    const response = await call(path, init)
    expect(await response.json()).toMatchObject({ method: 'POST', body: 'grüße' })
  }
})

test('without it the refusal is explained: the host, the path, and what signs for both', async () => {
  const alice = await scene.person('alice')
  const fetch = rememberRequests()
  const unknowing = scene.page(alice, { fetch: { baseUrl: front, fetch } })
  const both = await explain(await unknowing.call('/test'))
  expect(both).toMatchObject({ code: 'SIGNATURE_MISMATCH', responsible: 'proxy' })
  expect(both.message).toMatch(/changed the host: .* changed the path: /)
  expect(both.remedy).toEqual([
    expect.stringContaining(`signingHost: '${api.host}'`),
    expect.stringContaining('signingPath'),
  ])
  const half = scene.page(alice, { fetch: { baseUrl: front, signingHost: api.host, fetch } })
  const one = await explain(await half.call('/test'), { signingHost: api.host })
  expect(one.differences).toEqual([{ line: 'path', gateway: '/prod/test', ours: '/api/test' }])
  expect(one.remedy).toEqual([expect.stringContaining('signingPath')])
})

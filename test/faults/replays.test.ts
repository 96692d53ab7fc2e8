import { fetchOf } from '@iamfetch/testing'
import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import type { IamFetchOptions } from 'iamfetch'
import { failure, settle, type Page, type Person } from './scene.ts'
import { sceneOfFile } from './scene-of-file.ts'

const scene = await sceneOfFile()
let alice: Person
beforeEach(async () => {
  alice = await scene.person('alice')
})

const EXCHANGE = 'GetCredentialsForIdentity'
const REPEATED = ['GET', 'PUT', 'DELETE']
const ONCE = ['POST', 'PATCH']
/** Everybody of these tests may GET and POST alone; what is counted is what arrives. */
const sentBy = async (
  fault: 'fail' | 'drop' | 'throttle',
  method: string,
  options: Partial<IamFetchOptions> = {},
): Promise<number> => {
  const { call, credentials } = scene.page(alice, { fetch: options })
  await credentials()
  scene.faults.reset()
  scene.faults.next('ANY /test', { fault, times: 10 })
  await call('/test', { method }).catch(() => {})
  return scene.asked()['http ANY /test'] ?? 0
}

describe('what is sent again', () => {
  test.each(REPEATED)('%s, after a 5xx and a lost connection', async (method) => {
    expect(await sentBy('fail', method)).toBe(3)
    expect(await sentBy('drop', method)).toBe(3)
  })

  test.each(ONCE)('not %s, unless the caller says that it may be', async (method) => {
    const retry = { methods: [method], random: () => 0 }
    expect(await sentBy('fail', method)).toBe(1)
    expect(await sentBy('drop', method)).toBe(1)
    expect(await sentBy('fail', method, { retry })).toBe(3)
    expect(await sentBy('drop', method, { retry })).toBe(3)
  })

  test.each([...REPEATED, ...ONCE])(
    '%s, after a 429, which proves that nothing ran',
    async (method) => {
      expect(await sentBy('throttle', method)).toBe(3)
    },
  )

  test('is listed on the page of the package, reason by reason', () => {
    const page = readFileSync(
      fileURLToPath(new URL('../../docs/pages/packages/iamfetch.md', import.meta.url)),
      'utf8',
    )
    const [, table = ''] = page.split('## What is sent again')
    for (const reason of [
      'expired or invalid',
      'not yet current',
      '429',
      '500, 502, 503, 504',
      'no response',
    ])
      expect(table).toContain(reason)
  })

  test('is never sent again for a denial', async () => {
    const bob = await scene.person('bob')
    for (const api of ['http', 'rest']) {
      const { call } = scene.page(bob, { api })
      expect((await call('/test', { method: 'POST' })).status).toBe(403)
    }
    expect(scene.asked()).toEqual({
      GetId: 2,
      [EXCHANGE]: 2,
      'http ANY /test': 1,
      'rest ANY /test': 1,
    })
  })

  test('is never sent again after garbage, which is a response', async () => {
    const { call } = scene.page(alice)
    scene.faults.next('ANY /test', 'garbage')
    expect(await (await call('/test')).text()).toBe('<html>garbage')
    expect(scene.asked()['http ANY /test']).toBe(1)
  })
})

describe('an abort', () => {
  const reason = new Error('not wanted any more')
  const ends = async (page: Page, met: Promise<unknown>, init: RequestInit = {}): Promise<void> => {
    const caller = new AbortController()
    const ended = failure(page.call('/test', { ...init, signal: caller.signal }))
    await met
    caller.abort(reason)
    expect(await ended).toBe(reason)
  }

  test('before anything starts sends nothing', async () => {
    const { call } = scene.page(alice)
    expect(await failure(call('/test', { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(scene.asked()).toEqual({})
  })

  test.each(['GetId', EXCHANGE])('while %s is awaited', async (operation) => {
    const page = scene.page(alice)
    const order = scene.faults.next(operation, 'hang')
    await ends(page, order.met)
    order.release()
    await settle()
    expect(scene.asked()['http ANY /test']).toBeUndefined()
  })

  test('while the API is awaited', async () => {
    const page = scene.page(alice)
    const order = scene.faults.next('ANY /test', 'hang')
    await ends(page, order.met, { method: 'POST', body: 'x' })
    expect(scene.asked()['http ANY /test']).toBe(1)
  })

  test('in the pause before a retry', async () => {
    const page = scene.page(alice, { clock: scene.time })
    await page.credentials()
    scene.faults.reset()
    scene.faults.next('ANY /test', { fault: 'throttle', times: 10 })
    const paused = async (): Promise<void> => {
      await expect.poll(() => page.events.map(({ type }) => type)).toContain('retry')
    }
    await ends(page, paused())
    await scene.time.advance(60_000)
    expect(scene.asked()['http ANY /test']).toBe(1)
  })

  test('while the body of the response streams', async () => {
    const { call } = scene.page(alice, {
      fetch: {
        fetch: fetchOf(async (request) => {
          await (await fetch(request)).arrayBuffer()
          const endless = new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode('piece'))
              request.signal.addEventListener('abort', () =>
                controller.error(request.signal.reason),
              )
            },
          })
          return new Response(endless)
        }),
      },
    })
    const caller = new AbortController()
    const response = await call('/test', { signal: caller.signal })
    const reader = response.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('piece')
    const next = failure(reader.read())
    caller.abort(reason)
    expect(await next).toBe(reason)
    expect(scene.asked()['http ANY /test']).toBe(1)
  })
})

test('a deadline ends a call that hangs, and says that it may have been carried out', async () => {
  const { call, credentials } = scene.page(alice, { fetch: { deadlineMs: 20_000 } })
  await credentials()
  scene.faults.reset()
  const order = scene.faults.next('ANY /test', 'hang')
  const ended = failure(call('/test', { method: 'POST' }))
  await order.met
  await scene.time.advance(20_000)
  expect(await ended).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    remedy: expect.stringMatching(/was carried out before you repeat it/),
  })
  expect(scene.asked()).toEqual({ 'http ANY /test': 1 })
})

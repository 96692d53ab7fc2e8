import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startLocalStack, type LocalStack } from '../src/index.ts'

const FRAME = 32_768

let stack: LocalStack
let received: number[]
beforeAll(async () => {
  received = []
  const handler = (event: { body?: string }): unknown => {
    received.push(event.body?.length ?? 0)
    return { statusCode: 200, body: 'ok' }
  }
  const routes = { $default: { handler } }
  stack = await startLocalStack({ apis: { chat: { type: 'websocket', routes } } })
})
afterAll(() => stack.stop())

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(stack.config.apis['chat']?.url ?? '')
  await once(socket, 'open')
  return socket
}

/** Sends a message in frames of these sizes. @returns The response, or the code that the connection closed with. */
async function send(socket: WebSocket, sizes: readonly number[]): Promise<unknown> {
  const closed = once(socket, 'close')
  const answered = once(socket, 'message')
  sizes.forEach((size, i) => socket.send('x'.repeat(size), { fin: i === sizes.length - 1 }))
  const [first] = await Promise.race([closed, answered])
  return typeof first === 'number' ? first : String(first)
}

// Of AWS's overview of WebSocket APIs, its note on payloads.
describe('a WebSocket API', () => {
  it('takes messages of 128 KB in frames of 32 KB, several on one connection', async () => {
    const socket = await open()
    for (const sizes of [[FRAME, FRAME, FRAME, FRAME], [5], [125], [126], [65_535 - FRAME, 1]]) {
      expect(await send(socket, sizes)).toBe('ok')
      expect(received.at(-1)).toBe(sizes.reduce((sum, size) => sum + size, 0))
    }
    socket.close()
  })

  it.each([
    ['a frame of one byte more', [FRAME + 1]],
    ['a second frame of one byte more', [10, FRAME + 1]],
    ['a frame whose length takes eight bytes', [70_000]],
    ['a message of one byte more', [FRAME, FRAME, FRAME, FRAME, 1]],
  ])('closes the connection with 1009 for %s, and calls no function', async (_, sizes) => {
    const before = received.length
    const socket = await open()
    expect(await send(socket, sizes)).toBe(1_009)
    expect(received).toHaveLength(before)
  })

  it('closes the connection with 1003 for a binary message', async () => {
    const before = received.length
    const socket = await open()
    socket.send(Buffer.from('binary'))
    expect((await once(socket, 'close'))[0]).toBe(1_003)
    expect(received).toHaveLength(before)
  })
})

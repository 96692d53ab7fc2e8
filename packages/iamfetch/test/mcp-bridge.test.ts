import { expect, test } from 'vitest'
import { linesOf } from '../src/cli/lines.ts'
import { bridge } from '../src/cli/mcp-bridge.ts'
import { createTokenFetch } from '../src/index.ts'

const userToken = (sub: string): string =>
  [
    '{"alg":"none"}',
    JSON.stringify({ iss: 'https://issuer.example', sub, exp: 9_999_999_999 }),
    's',
  ]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')

/** Runs the bridge with lines that were written before, one after the other, and a fake server. */
async function runWith(
  iamFetch: typeof fetch,
  messages: readonly object[],
  before: (index: number) => void = () => {},
): Promise<{ written: Record<string, unknown>[]; notes: string[] }> {
  const written: Record<string, unknown>[] = []
  const notes: string[] = []
  async function* given(): AsyncGenerator<string> {
    for (const [index, message] of messages.entries()) {
      before(index)
      yield JSON.stringify({ jsonrpc: '2.0', ...message })
    }
  }
  await bridge({
    url: 'https://mcp.example/mcp',
    iamFetch,
    lines: given(),
    write: (line) => written.push(JSON.parse(line) as Record<string, unknown>),
    note: (text) => notes.push(text),
  })
  return { written, notes }
}

test("another user's message does not go into the session of the user who began it", async () => {
  let user = 'alice'
  const sent: (string | null)[] = []
  const iamFetch = createTokenFetch({
    origins: ['https://mcp.example'],
    token: async () => userToken(user),
    fetch: async (_, init) => {
      sent.push(new Headers(init?.headers).get('authorization'))
      const headers = { 'mcp-session-id': 'of-alice' }
      return Response.json({ jsonrpc: '2.0', id: 1, result: {} }, { headers })
    },
  })
  const { written } = await runWith(
    iamFetch,
    [
      { id: 1, method: 'initialize' },
      { id: 2, method: 'tools/list' },
    ],
    (index) => (user = index === 0 ? 'alice' : 'bob'),
  )
  expect(sent).toEqual([`Bearer ${userToken('alice')}`])
  expect(written).toMatchObject([
    { id: 1, result: {} },
    { id: 2, error: { code: -32_000 } },
  ])
})

test("the stream of the server's own messages is not opened for another user", async () => {
  let user = 'alice'
  const sent: (string | null)[] = []
  const iamFetch = createTokenFetch({
    origins: ['https://mcp.example'],
    token: async () => userToken(user),
    fetch: async (_, init) => {
      sent.push(new Headers(init?.headers).get('authorization'))
      const { body } = init ?? {}
      if (typeof body === 'string' && body.includes('initialized')) {
        user = 'bob'
        return new Response(null, { status: 202 })
      }
      const headers = { 'mcp-session-id': 'of-alice' }
      return Response.json({ jsonrpc: '2.0', id: 1, result: {} }, { headers })
    },
  })
  await runWith(iamFetch, [
    { id: 1, method: 'initialize' },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/list' },
  ])
  expect(sent).toEqual([`Bearer ${userToken('alice')}`, `Bearer ${userToken('alice')}`])
})

test('an event without data, which only names an ID, is not reported as a wrong message', async () => {
  const events = 'id: 1\ndata:\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
  const { written, notes } = await runWith(
    async () => new Response(events, { headers: { 'content-type': 'text/event-stream' } }),
    [{ id: 1, method: 'ping' }],
  )
  expect(written).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }])
  expect(notes).toEqual([])
})

test('a line of stdin ends at a line feed only, wherever its bytes are cut', async () => {
  // JSON.stringify leaves these separators as they are.
  const lines = ['{"text":"a\u2028b\u2029c\u0085d"}', '', '{"text":"é𝄞"}', 'without a line feed']
  const bytes = new TextEncoder().encode(lines.join('\n'))
  for (const size of [1, 3, 1_000]) {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    }
    const read: string[] = []
    for await (const line of linesOf(chunks())) read.push(line)
    expect(read).toEqual(lines)
  }
})

test('a response without end is not read to its end', async () => {
  let bytes = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      bytes += 1_048_576
      if (bytes > 64 * 1_048_576) controller.close()
      else controller.enqueue(new Uint8Array(1_048_576).fill(32))
    },
  })
  const { written } = await runWith(async () => new Response(endless), [{ id: 1, method: 'ping' }])
  expect(written).toMatchObject([{ id: 1, error: { message: expect.stringContaining('larger') } }])
  expect(bytes).toBeLessThan(32 * 1_048_576)
})

test('what a server says cannot control the terminal that shows the notes', async () => {
  const message = 'User: a\u001b]0;pwned\u0007 is not authorized to perform: x on resource: y'
  const { notes } = await runWith(
    async () => Response.json({ message }, { status: 403 }),
    [{ method: 'notifications/progress' }],
  )
  expect(notes).toHaveLength(1)
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(notes[0]).not.toMatch(/[\u0000-\u001f]/)
})

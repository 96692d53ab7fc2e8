import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMcpServer, type McpTestServer } from './mcp-server.ts'

/** What the bridge promises, however it is started. `open` returns the transport of a client. */
export function testBridge(open: (url: string) => Transport): void {
  let server: McpTestServer
  beforeAll(async () => {
    server = await startMcpServer()
  })
  afterAll(() => server.stop())

  const connect = async (path = '/mcp'): Promise<Client> => {
    const client = new Client({ name: 'test', version: '1.0.0' })
    await client.connect(open(server.url + path))
    return client
  }

  test('passes initialize, list and call, each request signed', async () => {
    const client = await connect()
    expect(client.getServerVersion()).toMatchObject({ name: 'test' })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(['hello', 'progress', 'wait'])
    expect(await client.callTool({ name: 'hello' })).toMatchObject({
      content: [{ text: 'hello ü' }],
    })
    await client.close()
    for (const { headers } of server.requests) expect(headers.authorization).toMatch(/^AWS4-HMAC/)
    const [, ...later] = server.requests
    for (const { headers } of later) expect(headers['mcp-session-id']).toBeTruthy()
  })

  test('passes the error of a call on', async () => {
    const client = await connect()
    expect(await client.callTool({ name: 'missing' })).toMatchObject({ isError: true })
    await client.close()
  })

  test('passes notifications during a call, and those that no call asked for', async () => {
    const client = await connect()
    const seen: number[] = []
    const changed = new Promise((resolve) => {
      client.setNotificationHandler(ToolListChangedNotificationSchema, resolve)
    })
    await client.callTool({ name: 'progress' }, undefined, {
      onprogress: ({ progress }) => void seen.push(progress),
    })
    expect(seen).toEqual([1, 2])
    await expect
      .poll(() => server.requests.filter(({ method }) => method === 'GET').length)
      .toBeGreaterThan(0)
    server.announce()
    await changed
    await client.close()
  })

  test('passes a cancellation on while the call is under way, and other calls go on', async () => {
    const client = await connect()
    const abort = new AbortController()
    const pending = client.callTool({ name: 'wait' }, undefined, { signal: abort.signal })
    pending.catch(() => {})
    expect(await client.callTool({ name: 'hello' })).toMatchObject({
      content: [{ text: 'hello ü' }],
    })
    abort.abort('enough')
    await expect(pending).rejects.toThrow('enough')
    await expect.poll(server.cancelled).toBe(1)
    await client.close()
  })

  test('turns a refusal into the error of the request, with the reason', async () => {
    await expect(connect('/denied')).rejects.toThrow(
      /refused the call with a 403\. .*no statement allows it/,
    )
  })
}

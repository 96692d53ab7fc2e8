import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js'
import { createIamFetch } from 'iamfetch'
import { expect, test } from 'vitest'
import { bridge } from '../../packages/iamfetch/src/cli/mcp-bridge.ts'
import { testBridge } from './bridge-tests.ts'

/** A stream of lines that can be written and read at the same time. */
function lines(): { write: (line: string) => void; end: () => void; read: AsyncIterable<string> } {
  const stream = new TransformStream<string, string>()
  const writer = stream.writable.getWriter()
  return {
    write: (line) => void writer.write(line),
    end: () => void writer.close(),
    read: stream.readable,
  }
}

const fetchFor = (url: string): typeof fetch =>
  createIamFetch({
    origins: [new URL(url).origin],
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  })

/** The transport of a client whose stdin and stdout are a bridge in this process. */
function inProcess(url: string): Transport {
  const stdin = lines()
  let ended: Promise<void> | undefined
  const transport: Transport = {
    async start() {
      ended = bridge({
        url,
        iamFetch: fetchFor(url),
        lines: stdin.read,
        write: (line) => transport.onmessage?.(JSON.parse(line) as JSONRPCMessage),
        note: () => {},
      })
    },
    async send(message) {
      stdin.write(JSON.stringify(message))
    },
    async close() {
      stdin.end()
      await ended
      transport.onclose?.()
    },
  }
  return transport
}

testBridge(inProcess)

test('a line that is not JSON is a JSON-RPC error, and nothing is sent', async () => {
  const written: unknown[] = []
  const stdin = lines()
  stdin.write('not json')
  stdin.write('')
  stdin.end()
  await bridge({
    url: 'http://127.0.0.1:9/mcp',
    iamFetch: async () => {
      throw new Error('Nothing may be sent.')
    },
    lines: stdin.read,
    write: (line) => written.push(JSON.parse(line)),
    note: () => {},
  })
  expect(written).toMatchObject([{ id: null, error: { code: -32_700 } }])
})

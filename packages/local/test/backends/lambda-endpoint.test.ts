import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { connectHandlers } from '../../src/backends/connect.ts'
import { functionOf } from '../../src/backends/function-of.ts'
import type { Clock } from '../../src/index.ts'
import { serveBackend } from '../support/echo-server.ts'

const PATH = '/2015-03-31/functions/function/invocations'

/** Calls the function behind a route. */
function call(lambda: string, event: unknown = {}, clock: Clock = Date): Promise<unknown> {
  const api = { type: 'http' as const, routes: { 'GET /': { auth: 'none' as const, lambda } } }
  const { definition } = connectHandlers({ apis: { api } }, { directory: '.', clock })
  const route = definition.apis?.['api']?.routes['GET /']
  return Promise.resolve(
    functionOf(route?.handler)(event, { awsRequestId: '1', functionName: 'f' }),
  )
}

const answering = async (text: string, status = 200, headers: Record<string, string> = {}) => {
  const backend = await serveBackend((_, outgoing) => outgoing.writeHead(status, headers).end(text))
  return `${backend.url}${PATH}`
}

describe('a Lambda function behind an address', () => {
  test('receives the event by the Invoke operation, and its result is the result', async () => {
    const backend = await serveBackend(({ body }, outgoing) => outgoing.end(body))
    const event = { version: '2.0', rawPath: '/nötes' }
    expect(await call(`${backend.url}${PATH}`, event)).toStrictEqual(event)
    expect(backend.received[0]).toMatchObject({ method: 'POST', url: PATH })
  })

  test('a result of the emulator that is an error is thrown', async () => {
    const error = '{"errorType":"ValueError","errorMessage":"no such note","stackTrace":[]}'
    const thrown = { name: 'ValueError', message: 'no such note' }
    await expect(call(await answering(error))).rejects.toMatchObject(thrown)
  })

  test('a result with a status code is a response, whatever else it has', async () => {
    const result = { statusCode: 400, errorMessage: 'no text' }
    expect(await call(await answering(JSON.stringify(result)))).toStrictEqual(result)
  })

  test('an error that Lambda marks by a header is thrown', async () => {
    const marked = { 'x-amz-function-error': 'Unhandled' }
    const thrown = { name: 'Unhandled', message: 'null' }
    await expect(call(await answering('null', 200, marked))).rejects.toMatchObject(thrown)
  })

  test('a timeout that the emulator reports as text is thrown', async () => {
    const url = await answering('Task timed out after 3.00 seconds')
    await expect(call(url)).rejects.toThrow(`${url} failed: Task timed out after 3.00 seconds`)
  })

  test('a status that is not a success is thrown with what came', async () => {
    const url = await answering('no such function', 404)
    await expect(call(url)).rejects.toThrow(`${url} responded 404: no such function`)
  })

  test('a result that is larger than Lambda allows says so', async () => {
    const url = await answering('x'.repeat(6 * 1_024 * 1_024 + 1_000_000))
    await expect(call(url)).rejects.toThrow(
      /^The result of the Lambda function at \S+ has more than \d+ bytes\.$/,
    )
  })

  test('an address where nothing listens says so', async () => {
    const url = `http://127.0.0.1:9${PATH}`
    await expect(call(url)).rejects.toThrow(
      `No Lambda function can be reached at ${url}. Start it.`,
    )
  })

  test('a function that does not respond is abandoned by the clock of the stack', async () => {
    const backend = await serveBackend(() => {})
    const clock = { now: () => 0, sleep: async () => {} }
    await expect(call(`${backend.url}${PATH}`, {}, clock)).rejects.toThrow(/took over 30 s\.$/)
  })

  test('calls of one address wait for each other, as the emulator runs one at a time', async () => {
    const open = new Set<() => void>()
    const backend = await serveBackend((_, outgoing) => open.add(() => outgoing.end('1')))
    const calls = [call(`${backend.url}${PATH}`), call(`${backend.url}${PATH}`)]
    await vi.waitFor(() => expect(open.size).toBe(1))
    await wait(5)
    expect(open.size).toBe(1)
    for (const answer of open) answer()
    await vi.waitFor(() => expect(open.size).toBe(2))
    for (const answer of open) answer()
    expect(await Promise.all(calls)).toStrictEqual([1, 1])
  })
})

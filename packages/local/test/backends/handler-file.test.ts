import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { connectHandlers } from '../../src/backends/connect.ts'
import { functionOf } from '../../src/backends/function-of.ts'
import type { Clock, HandlerSource } from '../../src/index.ts'

const HERE = join(import.meta.dirname, '../support/handlers')

/** Opens a handler until the test ends. */
function open(
  handler: HandlerSource,
  { directory = HERE, clock = Date }: { directory?: string; clock?: Clock } = {},
) {
  const routes = { 'GET /': { auth: 'none' as const, handler } }
  const api = { type: 'http' as const, routes }
  const connected = connectHandlers({ region: 'eu-west-1', apis: { api } }, { directory, clock })
  onTestFinished(() => connected.stop())
  const connectedRoute = connected.definition.apis?.['api']?.routes['GET /']
  let count = 0
  return async (): Promise<unknown> => {
    const context = { awsRequestId: String((count += 1)), functionName: 'api GET /' }
    return functionOf(connectedRoute?.handler)({}, context)
  }
}

const bodyOf = (result: unknown): unknown => JSON.parse(String((result as { body?: unknown }).body))

describe('a handler in a file', () => {
  test('is loaded once, with its own environment variables and a context as on Lambda', async () => {
    const call = open({ file: './environment.ts#handler', environment: { TABLE: 'notes' } })
    const seen = { table: 'notes', region: 'eu-west-1', functionName: 'api GET /', hasTime: true }
    expect(bodyOf(await call())).toStrictEqual({ calls: 1, ...seen })
    expect(bodyOf(await call())).toStrictEqual({ calls: 2, ...seen })
    expect(process.env['TABLE']).toBeUndefined()
  })

  test('what it throws is thrown with its name, and it goes on', async () => {
    const call = open('./environment.ts#failing')
    const error = await call().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'RangeError', message: 'no such note' })
    await expect(call()).rejects.toThrow('no such note')
  })

  test('may respond by its callback', async () => {
    expect(await open('./environment.ts#byCallback')()).toMatchObject({ body: 'called back' })
  })

  test('a handler in a file that takes longer than its timeout is ended, and loaded again by the next call', async () => {
    const clock = { now: () => 0, sleep: async () => {} }
    const call = open({ file: './environment.ts#hanging', timeoutSeconds: 3 }, { clock })
    await expect(call()).rejects.toThrow(/hanging failed: Task timed out after 3\.00 seconds$/)
    await expect(call()).rejects.toThrow(/Task timed out/)
  })

  test('a handler that streams is refused where a response is not streamed', async () => {
    await expect(open('./streamed.ts#handler')()).rejects.toThrow(
      /streamed\.ts#handler streams: set "responseTransferMode" of the REST API's route to "stream", or "invokeMode" of the function URL to "RESPONSE_STREAM"\.$/,
    )
  })

  test('an error that a handler throws after its response ends the calls that are under way', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => void vi.restoreAllMocks())
    await expect(open('./failing-later.ts#handler')()).rejects.toThrow(
      /^The handler \S+failing-later\.ts#handler ended by an error: too late$/,
    )
  })

  test('a handler in a file that is not exported says what the file exports', async () => {
    await expect(open('./environment.ts#missing')()).rejects.toThrow(
      /has no function "missing"; it exports byCallback, failing, handler, hanging\.$/,
    )
  })

  test('a file that does not exist is refused before anything starts', () => {
    expect(() => open('./nowhere.ts#handler')).toThrow(
      `defineStack: "apis.api.routes['GET /'].handler" must name a file that exists, got "./nowhere.ts#handler"`,
    )
  })

  test('when it or what it imports changes, the next call runs the new code', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'handlers-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const save = (name: string, text: string) => writeFile(join(directory, name), text)
    await save('text.mjs', `export const text = 'one'`)
    await save(
      'h.mjs',
      `import { text } from './text.mjs'; export const handler = () => ({ text })`,
    )
    const call = open('./h.mjs#handler', { directory })
    expect(await call()).toStrictEqual({ text: 'one' })
    await save('text.mjs', `export const text = 'two'`)
    await vi.waitFor(async () => expect(await call()).toStrictEqual({ text: 'two' }), 5_000)
    await save('h.mjs', `export const handler = () => ({ text: 'three' })`)
    await vi.waitFor(async () => expect(await call()).toStrictEqual({ text: 'three' }), 5_000)
  })
})

import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { build, createLogger, createServer, type ViteDevServer } from 'vite'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { StackConfig } from '../src/index.ts'
import { findStack } from '../../iamfetch/src/cli/running-stack.ts'
import { localStack, permissions, type LocalStackPluginOptions } from '../src/vite.ts'

let folder: string
let server: ViteDevServer
let printed: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-vite-'))
  await symlink(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'text.ts'), `export const text: string = 'first'\n`)
  await writeFile(join(folder, 'stack.ts'), definition())
  printed = []
  // Where the socket is, at which commands find the stack.
  vi.stubEnv('XDG_RUNTIME_DIR', folder)
  server = await start()
})

afterEach(async () => {
  await server.close()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

const definition = (group = 'Readers'): string => `import { text } from './text.ts'
export default {
  groups: { Readers: { policy: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } } },
  users: { alice: { groups: ['${group}'] } },
  apis: { notes: { type: 'http', routes: {
    'GET /': { auth: 'none', handler: () => ({ statusCode: 200, body: text }) },
    'GET /signed': { auth: 'iam', handler: () => ({}) },
  } } },
}
`

async function start(options: LocalStackPluginOptions = {}): Promise<ViteDevServer> {
  const customLogger = createLogger('silent')
  customLogger.info = (message) => void printed.push(message)
  customLogger.error = (message) => void printed.push(message)
  const started = await createServer({
    root: folder,
    configFile: false,
    customLogger,
    plugins: [localStack(options), permissions({ file: 'table.json' })],
    optimizeDeps: { noDiscovery: true },
    server: { host: '127.0.0.1', port: 0 },
  })
  await started.listen()
  return started
}

async function config(): Promise<StackConfig> {
  const [url] = server.resolvedUrls?.local ?? []
  const response = await fetch(`${url}config.json`)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return response.json() as Promise<StackConfig>
}

test('the page finds config.json, and the terminal has the users with passwords and groups, and a call to try', async () => {
  const { mode, apis } = await config()
  expect(mode).toBe('local')
  expect(await (await fetch(apis['notes']!.url)).text()).toBe('first')
  expect(printed.join('\n')).toMatch(
    /API notes\n {2}http:\/\/127\.0\.0\.1:\d+\n[^]*Users\n {2}alice +\S+ +Readers\n[^]*npx iamfetch sign --user alice GET \/signed \| sh/,
  )
  expect(server.config.clearScreen).toBe(false)
})

test('each request is a line with the true reason of a refusal, unless log is false', async () => {
  const { apis } = await config()
  await fetch(`${apis['notes']!.url}/signed?token=secret`)
  expect(printed.at(-1)).toMatch(/^403 notes GET \/signed {2}.*not signed/i)
  await server.close()
  server = await start({ log: false })
  const before = printed.length
  await fetch((await config()).apis['notes']!.url)
  expect(printed).toHaveLength(before)
})

test('commands of the same person find the stack and its passwords, until it stops', async () => {
  const surroundings = { env: { XDG_RUNTIME_DIR: folder }, name: 'iamfetch' }
  const found = await findStack(undefined, surroundings)
  expect(found).toMatchObject({ definition: join(folder, 'stack.ts'), config: await config() })
  expect(printed.join('\n')).toContain(found.users!['alice']!.password)
  await server.close()
  const [sockets] = (await readdir(folder)).filter((name) => name.startsWith('iamfetch-local-'))
  expect(await readdir(join(folder, sockets!))).toEqual([])
})

test('the stack goes on with its ports and passwords when the dev server restarts, and stops with it', async () => {
  const surroundings = { env: { XDG_RUNTIME_DIR: folder }, name: 'iamfetch' }
  const [before, { users }] = [await config(), await findStack(undefined, surroundings)]
  await server.restart()
  expect(await config()).toEqual(before)
  expect((await findStack(undefined, surroundings)).users).toEqual(users)
  await server.close()
  await expect(fetch(before.apis['notes']!.url)).rejects.toThrow('fetch failed')
})

test('listens at a port that is given, and at the next one', async () => {
  const first = Number(new URL((await config()).apis['notes']!.url).port)
  await server.close()
  server = await start({ port: String(first) })
  const { endpoints, apis } = await config()
  expect(endpoints.cognitoIdp).toBe(`http://127.0.0.1:${first}`)
  expect(apis['notes']!.url).toBe(`http://127.0.0.1:${first + 1}`)
})

test('a change of a file that the definition imports takes effect at the same address', async () => {
  const before = await config()
  await writeFile(join(folder, 'text.ts'), `export const text: string = 'second'\n`)
  server.watcher.emit('change', join(folder, 'text.ts'))
  await expect.poll(() => printed.at(-1)).toBe('The local stack runs with the new definition.')
  expect(await config()).toEqual(before)
  expect(await (await fetch(before.apis['notes']!.url)).text()).toBe('second')
})

test('a definition that is wrong is reported, and the previous stack goes on', async () => {
  const before = await config()
  await writeFile(join(folder, 'stack.ts'), definition('Reader'))
  server.watcher.emit('change', join(folder, 'stack.ts'))
  await expect
    .poll(() => printed.at(-1))
    .toContain('The local stack goes on with the previous definition:')
  expect(printed.at(-1)).toContain('"users.alice.groups[0]" must be one of the groups Readers')
  expect(await (await fetch(before.apis['notes']!.url)).text()).toBe('first')
})

test('the stack stops with the dev server', async () => {
  const { apis } = await config()
  await server.close()
  await expect(fetch(apis['notes']!.url)).rejects.toThrow('fetch failed')
})

test('an option that does not exist or has a wrong value is an error', () => {
  expect(() => localStack({ ports: 1 } as object)).toThrow('localStack: "ports" is not an option')
  for (const port of ['abc', '0', '70000', -1, 80.5, true]) {
    expect(() => localStack({ port } as object)).toThrow(
      `localStack: "port" must be a port from 1 to 65535, got ${JSON.stringify(port)}`,
    )
  }
  expect(() => localStack({ port: '', log: 1 } as object)).toThrow('"log" must be true or false')
})

test('what a person can put right ends the dev server with one sentence, and without a stack trace', async () => {
  const { port } = new URL((await config()).endpoints.cognitoIdp)
  await server.close()
  const taken = createTcpServer().listen(Number(port), '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  await writeFile(join(folder, 'empty.ts'), 'export const stack = {}')
  await writeFile(join(folder, 'wrong.ts'), definition('Reader'))
  const wrong: [LocalStackPluginOptions, string][] = [
    [{ port }, `Port ${port} of 127.0.0.1 is in use. End the program that listens there`],
    [{ definition: 'wrong.ts' }, '"users.alice.groups[0]" must be one of the groups Readers'],
    [{ definition: 'none.ts' }, 'localStack: "definition" must name a file that exists, got'],
    [{ definition: 'empty.ts' }, '"definition" must name a file with a default export, got'],
  ]
  for (const [options, sentence] of wrong) {
    const error = await start(options).catch((thrown: unknown) => thrown)
    // As Vite prints it.
    expect(inspect(error)).toContain(sentence)
    expect(inspect(error)).not.toContain('    at ')
  }
  expect(() => localStack({ port: 'abc' })).toThrow(
    expect.toSatisfy((error) => !inspect(error).includes('    at ')),
  )
})

test('an error in the definition itself is printed with where it was thrown', async () => {
  await writeFile(join(folder, 'throws.ts'), `throw new Error('no table')\n`)
  const error = await start({ definition: 'throws.ts' }).catch((thrown: unknown) => thrown)
  expect(inspect(error)).toMatch(/Error: no table[^]*throws\.ts/)
})

const rolesIn = async (file: string): Promise<string[]> => {
  const table: object = JSON.parse(await readFile(join(folder, file), 'utf8'))
  return Object.keys((table as { roles: object }).roles)
}

test('the table of permissions is written at the start, and again when the definition changes', async () => {
  expect(await rolesIn('table.json')).toEqual(['ReadersRole'])
  await writeFile(join(folder, 'stack.ts'), definition().replaceAll('Readers', 'Editors'))
  await expect.poll(() => rolesIn('table.json')).toEqual(['EditorsRole'])
})

test('a build writes the table before it reads the page, and ends if the definition is wrong', async () => {
  await writeFile(
    join(folder, 'page.js'),
    `import table from './built/table.json'\nexport default table`,
  )
  const run = () =>
    build({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      plugins: [permissions({ file: 'built/table.json' })],
      build: { lib: { entry: 'page.js', formats: ['es'], fileName: 'page' }, write: false },
    })
  await run()
  expect(await rolesIn('built/table.json')).toEqual(['ReadersRole'])
  await writeFile(join(folder, 'stack.ts'), definition('Unknown'))
  await expect(run()).rejects.toThrow('must be one of the groups Readers, got "Unknown"')
})

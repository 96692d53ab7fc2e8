import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, createLogger, createServer, type ViteDevServer } from 'vite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StackConfig } from '../src/index.ts'
import { localStack, permissions } from '../src/vite.ts'

let folder: string
let server: ViteDevServer
let printed: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-vite-'))
  await symlink(join(import.meta.dirname, '../../../node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'text.ts'), `export const text: string = 'first'\n`)
  await writeFile(join(folder, 'stack.ts'), definition())
  printed = []
  server = await start()
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const definition = (group = 'Readers'): string => `import { text } from './text.ts'
export default {
  groups: { Readers: { policy: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } } },
  users: { alice: { groups: ['${group}'] } },
  apis: { notes: { type: 'http', routes: { 'GET /': { auth: 'none', handler: () => ({ statusCode: 200, body: text }) } } } },
}
`

async function start(): Promise<ViteDevServer> {
  const customLogger = createLogger('silent')
  customLogger.info = (message) => void printed.push(message)
  customLogger.error = (message) => void printed.push(message)
  const started = await createServer({
    root: folder,
    configFile: false,
    customLogger,
    plugins: [localStack(), permissions({ file: 'table.json' })],
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

test('the page finds config.json, and the users and their passwords are printed', async () => {
  const { mode, apis } = await config()
  expect(mode).toBe('local')
  expect(await (await fetch(apis['notes']!.url)).text()).toBe('first')
  expect(printed.join('\n')).toMatch(
    /The local stack is running\.[^]*notes {2}http:\/\/127\.0\.0\.1:\d+[^]*alice {2}\S+/,
  )
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

test('an option that does not exist is an error', () => {
  expect(() => localStack({ port: 1 } as object)).toThrow('localStack: "port" is not an option')
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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const PLUGIN = new URL('../src/vite.ts', import.meta.url).href
const VITE = import.meta.resolve('vite')

const STACK = `const late = { timer: () => setTimeout(() => { throw new Error('late timer') }, 5),
  promise: () => Promise.reject(new Error('late promise')) && undefined }
const handler = ({ pathParameters: { kind } }) => { late[kind](); return 'early' }
export default { apis: { late: { type: 'http', routes: { 'GET /{kind}': { auth: 'none', handler } } } } }
`

/** Runs a dev server with the plugin in a process of its own, until it prints where the stack is. */
async function startDevServer(more = '') {
  const folder = await mkdtemp(join(tmpdir(), 'iamfetch-vite-'))
  await writeFile(join(folder, 'stack.mjs'), STACK)
  await writeFile(
    join(folder, 'dev.mjs'),
    `import { createServer } from '${VITE}'
    import { localStack } from '${PLUGIN}'
    const server = await createServer({ root: ${JSON.stringify(folder)}, configFile: false,
      plugins: [localStack({ definition: 'stack.mjs' })], server: { host: '127.0.0.1', port: 0 } })
    ${more}`,
  )
  const child = spawn(
    process.execPath,
    ['--conditions=@iamfetch/source', '--disable-warning=ExperimentalWarning', 'dev.mjs'],
    { cwd: folder, env: { ...process.env, XDG_RUNTIME_DIR: folder, NO_COLOR: '1' } },
  )
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (printed += String(chunk)))
  }
  const ended = once(child, 'close')
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  })
  await expect.poll(() => printed, { timeout: 20_000 }).toContain('Ctrl-C ends it.')
  const sockets = async (): Promise<string[]> => {
    const found = await readdir(folder, { recursive: true })
    return found.filter((name) => name.endsWith('.sock'))
  }
  return { child, ended, printed: () => printed, sockets }
}

test('a handler that throws after its response ends neither the dev server nor the stack', async () => {
  const { printed } = await startDevServer()
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed()) ?? []
  for (const kind of ['timer', 'promise']) {
    expect(await (await fetch(`${url}/${kind}`)).text()).toBe('early')
    await expect.poll(printed).toContain(`Error: late ${kind}`)
  }
  expect(printed()).toContain('The handler late GET /{kind} threw after its response.')
  expect((await fetch(`${url}/timer`)).status).toBe(200)
})

test('an error outside of handlers ends the process, as without the plugin', async () => {
  const { ended, printed } = await startDevServer(`throw new Error('outside')`)
  const [code] = await ended
  expect(code).not.toBe(0)
  expect(printed()).toContain('Error: outside')
})

test('Ctrl-C ends the process, and the file of its socket is deleted', async () => {
  const { child, ended, sockets } = await startDevServer()
  expect(await sockets()).toHaveLength(1)
  child.kill('SIGINT')
  expect(await ended).toEqual([null, 'SIGINT'])
  expect(await sockets()).toEqual([])
})

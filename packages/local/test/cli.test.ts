import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-local-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Runs the command; ends it by Ctrl-C when `until` has been printed. */
function run(
  args: string[],
  until?: RegExp,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--conditions=@iamfetch/source', CLI, ...args])
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
    if (until?.test(out)) child.kill('SIGINT')
  })
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

describe('iamfetch-local', () => {
  it('runs the sample, tells where and with which passwords, and ends by Ctrl-C', async () => {
    const { code, out, err } = await run([], /Ctrl-C ends it/)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /API test\n {2}http:\/\/127\.0\.0\.1:\d+\n {4}GET \/test +iam\n {4}POST \/test +iam\n/,
    )
    expect(out).toMatch(/ {2}http:\/\/127\.0\.0\.1:\d+\/config\.json\n/)
    expect(out).toMatch(/Users\n {2}alice +\S+ +FullAccess\n {2}bob +\S+ +ReadOnlyAccess\n/)
  })

  it('prints JSON for programs', async () => {
    const { out } = await run(['--json'], /\n/)
    const { config, users } = JSON.parse(out)
    expect(config.mode).toBe('local')
    expect(users.alice.password).toMatch(/./)
  })

  it('runs a definition from a file', async () => {
    const file = join(folder, 'stack.mjs')
    await writeFile(
      file,
      `export default { apis: { notes: { type: 'rest', routes: { 'GET /notes': { auth: 'none', handler() {} } } } } }`,
    )
    const { code, out } = await run([file], /Ctrl-C ends it/)
    expect(code).toBe(0)
    expect(out).toMatch(/API notes\n {2}http:\/\/127\.0\.0\.1:\d+\/prod\n {4}GET \/notes +none/)
  })

  it('says in words what is wrong', async () => {
    const bad = join(folder, 'bad.mjs')
    await writeFile(bad, `export default { users: { bob: { groups: ['Nope'] } } }`)
    const empty = join(folder, 'empty.mjs')
    await writeFile(empty, '')
    for (const [args, message] of [
      [['--host', '0.0.0.0'], "Unknown option '--host'"],
      [['--port', 'many'], '--port many is no port.'],
      [['a', 'b'], 'Give one definition at most.'],
      [[join(folder, 'none.mjs')], 'There is no file'],
      [[empty], 'has no default export. Write: export default defineStack({ … })'],
      [[bad], 'users.bob.groups[0] is "Nope", and there is no such group.'],
    ] as const) {
      const { code, out, err } = await run([...args])
      expect([args, code, out]).toEqual([args, 1, ''])
      expect(err).toContain(`iamfetch-local: `)
      expect(err).toContain(message)
      expect(err).not.toContain('    at ')
    }
  })

  it('helps', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--port <n>')
  })
})

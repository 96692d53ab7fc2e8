import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runScript, type Ended } from '@iamfetch/testing/run-script'

// Processes start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'create-iamfetch-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const create = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  runScript(new URL('../src/cli.ts', import.meta.url), args, { cwd, env })

const manifestOf = async (folder: string): Promise<Record<string, Record<string, string>>> =>
  JSON.parse(await readFile(join(cwd, folder, 'package.json'), 'utf8'))

describe('npm create iamfetch', () => {
  it('makes a project under the name of its folder, with versions that go together', async () => {
    const { code, out, err } = await create(['My App'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain("cd 'My App'\n  npm install\n  npm test")
    const { name, dependencies, devDependencies } = await manifestOf('My App')
    expect(name).toBe('my-app')
    const own = JSON.parse(
      await readFile(new URL('../package.json', import.meta.url), 'utf8'),
    ).devDependencies
    expect({ ...dependencies, ...devDependencies }).toMatchObject(own)
    expect(Object.values({ ...dependencies, ...devDependencies })).not.toContain('*')
    expect(await readdir(join(cwd, 'My App'))).toEqual(
      expect.arrayContaining(['.gitignore', 'stack.ts', 'api.ts', 'src', 'test', 'README.md']),
    )
    expect(await readdir(join(cwd, 'My App'))).not.toContain('_gitignore')
  })

  it.each([
    ['node_modules', 'iamfetch-app'],
    ['x'.repeat(230), 'x'.repeat(214)],
    [`a'$(id)"b`, 'a-id-b'],
    ['@scope/..x', 'x'],
  ])('takes no name that npm refuses: %s', async (folder, expected) => {
    expect((await create(['--', folder])).code).toBe(0)
    expect((await manifestOf(folder))['name']).toBe(expected)
  })

  it('takes iamfetch-app where no folder is named, and speaks of the package manager in use', async () => {
    const { out } = await create([], { npm_config_user_agent: 'pnpm/9.0.0 node/v24' })
    expect(out).toContain('cd iamfetch-app\n  pnpm install\n')
    expect((await manifestOf('iamfetch-app'))['name']).toBe('iamfetch-app')
  })

  it('takes a folder that holds nothing but a repository', async () => {
    await mkdir(join(cwd, 'fresh/.git'), { recursive: true })
    expect((await create(['fresh'])).code).toBe(0)
  })

  it('leaves a folder alone that is not empty', async () => {
    await mkdir(join(cwd, 'full'))
    await writeFile(join(cwd, 'full/thesis.txt'), 'mine')
    await writeFile(join(cwd, 'file'), '')
    const [full, file, below] = await Promise.all(
      ['full', 'file', 'file/app'].map((name) => create([name])),
    )
    expect([full!.code, full!.err]).toEqual([
      1,
      'create-iamfetch: "full" is not empty (thesis.txt). Give the name of a new folder.\n',
    ])
    expect(await readdir(join(cwd, 'full'))).toEqual(['thesis.txt'])
    expect([file!.code, file!.err]).toEqual([1, expect.stringContaining('"file" is not a folder.')])
    expect([below!.code, below!.err]).toEqual([
      1,
      expect.stringMatching(/The folder "file\/app" cannot be created \(.*\)\. Give the name/),
    ])
  })

  it('helps, and says in words what is wrong with a command', async () => {
    const [help, option, two, version] = await Promise.all(
      [['--help'], ['--typescript'], ['a', 'b'], ['-v']].map((args) => create(args)),
    )
    expect([help!.code, help!.out]).toEqual([0, expect.stringContaining('npm create iamfetch')])
    expect([option!.code, option!.err]).toEqual([
      2,
      "create-iamfetch: Unknown option '--typescript'. --help says more.\n",
    ])
    expect(two!.err).toContain('Give one folder at most.')
    expect([version!.code, version!.out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)])
    expect(await readdir(cwd)).toEqual([])
  })
})

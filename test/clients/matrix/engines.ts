import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A language that clients of the matrix are written in. */
export interface Engine {
  /** As in the table: `Python 3.11.7`. */
  version: string
  /** What this machine lacks, and how to get it. `undefined` if the engine can run. */
  missing?: string | undefined
  /** Installs the pinned clients into the cache folder, once for each list of versions. */
  install(): Promise<void>
  /** What runs a program with its arguments. */
  command(program: readonly string[]): readonly [path: string, args: readonly string[]]
}

export type EngineName = 'python' | 'go' | 'java' | 'javascript'

/** Where everything is installed. Git ignores it. */
const CACHE = fileURLToPath(new URL('../.cache/', import.meta.url))
const folderOf = (engine: EngineName): string => fileURLToPath(new URL(engine, import.meta.url))

/** Every engine, whether it is on this machine or not. */
export const engines: Readonly<Record<EngineName, () => Engine>> = { python, go, java, javascript }

function python(): Engine {
  const folder = folderOf('python')
  const environment = join(CACHE, 'python')
  const bin = join(environment, process.platform === 'win32' ? 'Scripts' : 'bin')
  const found = versionOf('python3', ['--version'], /Python ([\d.]+)/)
  const hasVenv = found !== undefined && succeeds('python3', ['-c', 'import venv, ensurepip'])
  return {
    version: `Python ${found ?? ''}`.trim(),
    missing: hasVenv ? undefined : 'python3 with venv is not installed (Debian: python3-venv)',
    install: () =>
      once(environment, readFileSync(join(folder, 'requirements.txt'), 'utf8'), async () => {
        await run('python3', ['-m', 'venv', environment])
        const requirements = join(folder, 'requirements.txt')
        await run(join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements])
      }),
    command: ([program = '', ...args]) => [
      join(bin, 'python'),
      ['-B', join(folder, `${program}.py`), ...args],
    ],
  }
}

function javascript(): Engine {
  const folder = folderOf('javascript')
  return {
    version: `Node ${process.versions.node}`,
    // `npm run test:clients` installs the packages first, as for the other suites.
    missing: existsSync(join(folder, 'node_modules'))
      ? undefined
      : 'its packages are not installed: run it as npm run test:clients',
    install: async () => {},
    command: ([program = '', ...args]) => [
      process.execPath,
      ['--no-warnings', join(folder, `${program}.mjs`), ...args],
    ],
  }
}

/** Keeps Go's modules in the cache folder, so that they can be deleted with it. */
const GO_ENVIRONMENT = { GOMODCACHE: join(CACHE, 'go', 'modules'), GOFLAGS: '-modcacherw' }

function go(): Engine {
  const folder = folderOf('go')
  const found = versionOf('go', ['version'], /go([\d.]+)/)
  const program = join(CACHE, 'go', 'clients')
  return {
    version: `Go ${found ?? ''}`.trim(),
    missing: found === undefined ? 'go is not installed (Debian: golang-go)' : undefined,
    install: async () => {
      mkdirSync(join(CACHE, 'go'), { recursive: true })
      await run('go', ['build', '-o', program, '.'], { cwd: folder, env: GO_ENVIRONMENT })
    },
    command: (args) => [program, args],
  }
}

function java(): Engine {
  const folder = folderOf('java')
  const target = join(CACHE, 'java')
  const classPath = join(target, 'class-path.txt')
  const found = versionOf('java', ['-version'], /version "([\d.]+)/)
  const hasMaven = succeeds('mvn', ['--version']) && succeeds('javac', ['-version'])
  return {
    version: `Java ${found ?? ''}`.trim(),
    missing:
      found !== undefined && hasMaven
        ? undefined
        : 'a JDK and Maven are not installed (Debian: default-jdk maven)',
    install: () =>
      run('mvn', [
        '--quiet',
        '--batch-mode',
        '--file',
        join(folder, 'pom.xml'),
        `-Dmaven.repo.local=${join(target, 'repository')}`,
        `-Dclients.target=${target}`,
        'compile',
        'dependency:build-classpath',
        `-Dmdep.outputFile=${classPath}`,
      ]),
    command: (args) => [
      'java',
      ['-cp', [join(target, 'classes'), readFileSync(classPath, 'utf8')].join(delimiter), ...args],
    ],
  }
}

/** Runs an installation unless it was made for the same list of versions. */
async function once(folder: string, stamp: string, install: () => Promise<void>): Promise<void> {
  const stampFile = join(folder, '.installed')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await install()
  writeFileSync(stampFile, stamp)
}

function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<void> {
  const options = {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    maxBuffer: 50_000_000,
  }
  return new Promise((resolve, reject) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      // Maven writes its errors to stdout.
      const said = `${stdout}\n${stderr}`.trim().slice(-1_500)
      if (error) reject(new Error(`${command} ${args.join(' ')} failed:\n${said}`))
      else resolve()
    })
  })
}

const succeeds = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, [...args]).status === 0

/** Reads the version of a command. `undefined` if it is not on this machine. */
function versionOf(command: string, args: readonly string[], pattern: RegExp): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, [...args], { encoding: 'utf8' })
  return status === 0 ? pattern.exec(stdout + stderr)?.[1] : undefined
}

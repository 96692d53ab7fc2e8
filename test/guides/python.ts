import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const requirements = join(import.meta.dirname, 'requirements.txt')
const environment = join(import.meta.dirname, '.work/python')
const bin = join(environment, 'bin')

/** The output of a program that failed belongs to the error. */
export interface Outcome {
  code: number
  output: string
}

/** Installs the AWS CLI, an emulator and linters into this folder, once for each list of versions. */
export async function installPython(): Promise<void> {
  const stamp = join(environment, 'installed.txt')
  const wanted = readFileSync(requirements, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(environment, { recursive: true, force: true })
  mkdirSync(environment, { recursive: true })
  await promisify(execFile)('python3', ['-m', 'venv', environment])
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  await promisify(execFile)(join(bin, 'python'), pip)
  writeFileSync(stamp, wanted)
}

/** Runs a program with what {@link installPython} installed first on `PATH`. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const options = { cwd, env: environmentWith(env), maxBuffer: 1 << 26 }
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, options)
    return { code: 0, output: `${stdout}${stderr}` }
  } catch (error) {
    const {
      code,
      stdout = '',
      stderr = '',
    } = error as {
      code?: number
      stdout?: string
      stderr?: string
    }
    return { code: code ?? 1, output: `${stdout}${stderr}` || String(error) }
  }
}

/** The environment of a shell that has these programs, and no AWS settings of this machine. */
export function environmentWith(more: Record<string, string>): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^(AWS_|NODE_OPTIONS|VITEST)/.test(name) ? [] : [[name, value] as const],
  )
  const path = [bin, process.env['PATH'] ?? ''].join(delimiter)
  return {
    ...Object.fromEntries(kept),
    PATH: path,
    // A configuration of this machine would choose another region or account.
    AWS_CONFIG_FILE: join(environment, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(environment, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    ...more,
  }
}

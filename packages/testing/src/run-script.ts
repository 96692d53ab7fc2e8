import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a command ended with. */
export interface Ended {
  code: number | null
  out: string
  err: string
}

/** Runs a script from its sources as a separate process. Its environment is PATH, what Node reads and what is given. */
export function runScript(
  script: URL,
  args: readonly string[],
  {
    stdin = '',
    env = {},
    cwd,
  }: { stdin?: string; env?: Record<string, string>; cwd?: string | undefined } = {},
): Promise<Ended> {
  const { PATH, NODE_COMPILE_CACHE, NODE_OPTIONS } = process.env
  const flags = ['--conditions=@iamfetch/source', fileURLToPath(script)]
  const child = spawn(process.execPath, [...flags, ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE, NODE_OPTIONS, ...env },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  // A command that does not read may end before everything is written.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

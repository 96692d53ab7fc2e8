import { spawn, spawnSync } from 'node:child_process'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const tools = fileURLToPath(new URL('tools/node_modules', import.meta.url))

const engines = (...names) => names.map((name) => ({ name, path: join(tools, name, 'bin/node') }))

/** The Nodes on which everything is tried. */
export const ENGINES = engines('node20', 'node24')

/** The oldest Node that runs TypeScript, which a project of the template needs, and the newest. */
export const TEMPLATE_ENGINES = engines('node22', 'node24')

/** Nodes that are too old for every program. */
export const OLD_ENGINES = engines('node10', 'node18')

/** The program of one TypeScript: `5.4`. */
export const compilerOf = (version) => join(tools, `typescript-${version}`, 'bin/tsc')

/** What a consumer's shell has: the chosen Node, no condition of this repository, no colours. */
export function environmentOf(node, more = {}) {
  const { NODE_OPTIONS: _, npm_config_user_agent: __, ...env } = process.env
  const host = env.PATH.split(delimiter).filter((folder) => !folder.includes('node_modules'))
  const PATH = [...(node ? [dirname(node)] : []), ...host].join(delimiter)
  return { ...env, PATH, NO_COLOR: '1', npm_config_update_notifier: 'false', ...more }
}

/** On Windows npm and npx are batch files, which only a shell can start. */
const needsShell = (command) => process.platform === 'win32' && ['npm', 'npx'].includes(command)

/** Runs a program to its end. */
export function run(command, args, { cwd, node, input = '', env = {} }) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    shell: needsShell(command),
    input,
    encoding: 'utf8',
    env: environmentOf(node, env),
    maxBuffer: 1 << 28,
  })
  return { fine: status === 0, status, out: stdout ?? '', all: `${stdout ?? ''}${stderr ?? ''}` }
}

/** Starts a program and waits for a text in what it prints. Rejects when it ends before, or after `seconds`. */
export async function started(command, args, { cwd, node, until, seconds = 60, env = {} }) {
  const child = spawn(command, args, {
    cwd,
    shell: needsShell(command),
    env: environmentOf(node, env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C reaches all of it, as in a terminal, and npm passes no signal on.
    detached: true,
  })
  let out = ''
  const ended = new Promise((resolve) => child.once('close', resolve))
  const signal = (name) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // All of it has ended.
    }
  }
  const stop = async () => {
    signal('SIGINT')
    const slow = setTimeout(() => signal('SIGKILL'), 10_000)
    await ended
    clearTimeout(slow)
    return child.exitCode
  }
  try {
    await new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`nothing after ${seconds} s: ${out}`)),
        seconds * 1e3,
      )
      const listen = (chunk) => {
        out += chunk
        if (!until.test(out)) return
        clearTimeout(late)
        resolve()
      }
      child.stdout.on('data', listen)
      child.stderr.on('data', listen)
      void ended.then((code) => {
        clearTimeout(late)
        reject(new Error(`ended with ${code}: ${out}`))
      })
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, text: () => out, pid: child.pid, ended }
}

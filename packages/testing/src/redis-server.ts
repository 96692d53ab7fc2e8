import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePort, onPath, startServer, type ServerProcess } from './server-process.ts'

/**
 * Starts a real Redis (or Valkey) on a free port of the loopback interface, without persistence.
 *
 * @throws With the way to get one, if none is on PATH and none can be installed.
 */
export async function startRedis(): Promise<ServerProcess> {
  const program = await redisServer()
  const port = await freePort()
  const flags = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', dir: '/tmp' }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  return startServer(program, args, port)
}

/**
 * Finds `redis-server` or `valkey-server` on PATH; as root on Debian or Ubuntu, installs it if there is none.
 *
 * @returns Its full path.
 */
export async function redisServer(): Promise<string> {
  const find = (): string | undefined => onPath('redis-server') ?? onPath('valkey-server')
  const path = find()
  if (path) return path
  let why = 'it is not on PATH'
  if (onPath('apt-get') && process.getuid?.() === 0) {
    const run = promisify(execFile)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    try {
      await run('apt-get', ['update', '-qq'], { env, timeout: 90_000 })
      await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], {
        env,
        timeout: 180_000,
      })
    } catch (error) {
      why += `, and apt-get did not bring it (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`
    }
    const installed = find()
    if (installed) return installed
  }
  throw new Error(
    `A real Redis is needed: ${why}. Install the package redis-server or valkey (apt-get install redis-server, brew install redis) and run again.`,
  )
}

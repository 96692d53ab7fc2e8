import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'

/** A server that a test started. */
export interface ServerProcess {
  readonly port: number
  readonly pid: number
  /** Ends it at once, as a crash does. Resolves when it has ended, also if it had ended before. */
  readonly stop: () => Promise<void>
}

/** The full path of a program on PATH; `undefined` if there is none. */
export function onPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** A port of the loopback interface that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/**
 * Starts a server and waits until its port takes connections.
 *
 * @throws With the last lines that it wrote, if it ends before or is not there within 20 s.
 */
export async function startServer(
  program: string,
  args: readonly string[],
  port: number,
  cwd?: string,
): Promise<ServerProcess> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const listen = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-2_000)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      output += error.message
      resolve()
    })
  })
  const stop = (): Promise<void> => {
    child.kill('SIGKILL')
    return ended
  }
  // A test run that ends in the middle leaves nothing behind.
  process.once('exit', () => child.kill('SIGKILL'))
  const giveUpAt = Date.now() + 20_000
  while (child.exitCode === null && Date.now() < giveUpAt) {
    if (await takesConnections(port)) return { port, pid: child.pid!, stop }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  await stop()
  throw new Error(`${program} did not start on port ${port}. It said: ${output}`)
}

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { environmentWith } from './python.ts'

/** A ministack of its own on loopback. It knows the control planes of AWS, which the local stack does not have. */
export interface Emulator {
  url: string
  stop(): Promise<void>
}

export async function startEmulator(): Promise<Emulator> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = { GATEWAY_PORT: `${port}`, BIND_HOST: '127.0.0.1', MINISTACK_HOST: '127.0.0.1' }
  const child = spawn('ministack', [], { env: environmentWith(settings), stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  // It starts in about a second; a busy machine may need much longer.
  for (let attempt = 0; attempt < 240; attempt++) {
    const answers = await fetch(`${url}/_ministack/health`).then(
      () => true,
      () => false,
    )
    if (answers) return { url, stop }
    if (child.exitCode !== null) throw new Error(`ministack ended with ${child.exitCode}`)
    // oxlint-disable-next-line eslint/no-await-in-loop -- one question after the other
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  await stop()
  throw new Error('ministack does not answer')
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

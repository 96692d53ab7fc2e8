import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Running } from './running.ts'

/** Where a running stack reports its URLs and passwords to other commands of the same person. */
export interface UserSocket {
  /** Sets what runs now. */
  show(running: Running): void
  close(): void
}

/**
 * Opens a socket that only the person who started the stack can reach: `sign --user` requests URLs and passwords there,
 * which are on no disk and at no port. Without a private folder (Windows, a folder of another user) it is not opened.
 *
 * @param about  The stack, so that several can be distinguished.
 */
export function openUserSocket(about: {
  cwd: string
  definition: string | null
}): UserSocket | undefined {
  const folder = ownFolder()
  if (folder === undefined) return undefined
  opened += 1
  const path = join(folder, `${process.pid}-${opened}.sock`)
  rmSync(path, { force: true })
  let answer = ''
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(answer)
  })
  // A stack runs without the socket, too.
  server.on('error', () => {})
  server.listen(path)
  server.unref()
  const removeFile = (): void => rmSync(path, { force: true })
  process.once('exit', removeFile)
  return {
    show({ told: { config, users } }) {
      answer = JSON.stringify({ ...about, pid: process.pid, config, users })
    },
    close() {
      server.close()
      server.closeAllConnections()
      process.off('exit', removeFile)
      removeFile()
    },
  }
}

/** How many this process opened: it may run several stacks. */
let opened = 0

/** A folder that only this user can open, created if it does not exist. */
function ownFolder(): string | undefined {
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  const folder = join(process.env.XDG_RUNTIME_DIR || tmpdir(), `iamfetch-local-${uid}`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const stats = lstatSync(folder)
    if (!stats.isDirectory() || stats.uid !== uid) return undefined
    chmodSync(folder, 0o700)
    return folder
  } catch {
    return undefined
  }
}

import { createReadStream } from 'node:fs'
import { CommandError } from './command.ts'

/**
 * Reads a file, or stdin for `-` and for nothing.
 *
 * @param what  What is expected, for the message that is shown while a terminal waits for input.
 * @throws CommandError for a file that cannot be read, and for more than 16 MB.
 */
export async function readInput(path: string | undefined, what: string): Promise<Buffer> {
  if (path !== undefined && path !== '-') {
    try {
      return await readUpToLimit(createReadStream(path), what)
    } catch (error) {
      if (error instanceof CommandError) throw error
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      throw new CommandError(isMissing ? `There is no file ${path}.` : `${path} cannot be read.`)
    }
  }
  if (process.stdin.isTTY) process.stderr.write(`Paste ${what}, then press Ctrl-D.\n`)
  return readUpToLimit(process.stdin, what)
}

/** More than the largest body that API Gateway accepts, 10 MB. */
const MAX_BYTES = 16_777_216

async function readUpToLimit(
  input: AsyncIterable<Uint8Array | string>,
  what: string,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of input) {
    const next = Buffer.from(chunk)
    bytes += next.length
    if (bytes > MAX_BYTES)
      throw new CommandError(`The input for ${what} has more than ${MAX_BYTES} bytes.`)
    chunks.push(next)
  }
  return Buffer.concat(chunks)
}

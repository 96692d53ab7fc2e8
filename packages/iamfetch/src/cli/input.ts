import { readFile } from 'node:fs/promises'
import { Complaint } from './command.ts'

/**
 * Reads a file, or stdin for `-` and for nothing.
 *
 * @param what  What is expected there, for the message that stands in when a terminal waits for it.
 * @throws Complaint for a file that cannot be read.
 */
export async function readInput(path: string | undefined, what: string): Promise<Buffer> {
  if (path !== undefined && path !== '-') {
    try {
      return await readFile(path)
    } catch (error) {
      throw new Complaint(
        error instanceof Error && 'code' in error && error.code === 'ENOENT'
          ? `There is no file ${path}.`
          : `The file ${path} cannot be read.`,
      )
    }
  }
  if (process.stdin.isTTY) process.stderr.write(`Paste ${what}, then press Ctrl-D.\n`)
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

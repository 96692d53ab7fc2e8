import { spawn } from 'node:child_process'

/** A program under way. */
export interface Started {
  /** Rejects when it ends, with what it printed. Never fulfils. */
  failed: Promise<never>
  /** The first group of the first match in what it prints. */
  line: (pattern: RegExp) => Promise<string>
  printed: () => string
  stop: () => Promise<void>
}

/** Starts a program in a process group of its own, so that browsers take their helpers with them. */
export function start(path: string, args: readonly string[]): Started {
  const child = spawn(path, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  const looks = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      printed += data.toString()
      for (const look of looks) look()
    })
  }
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code, signal) => resolve(`ended with ${code ?? signal}`))
  })
  const failed = ended.then((how): never => {
    throw new Error(`${path} ${how}: ${printed.trim().slice(-2_000)}`)
  })
  failed.catch(() => {})
  return {
    failed,
    printed: () => printed,
    line: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = pattern.exec(printed)
          if (found) resolve(found[1] ?? '')
        }
        looks.add(look)
        look()
      }),
    async stop() {
      if (child.pid && child.exitCode === null && child.signalCode === null) {
        process.kill(-child.pid, 'SIGKILL')
      }
      await ended
    },
  }
}

/** The promise, or an error with what the program printed when it takes longer. */
export async function within<T>(ms: number, promise: Promise<T>, { printed }: Started): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`nothing for ${ms / 1_000} s: ${printed().slice(-2_000)}`)),
      ms,
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

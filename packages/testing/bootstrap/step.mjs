import { spawnSync } from 'node:child_process'

/** Runs one step in sight of whoever started it; the first that fails ends everything. */
export function step(command, ...args) {
  const { status, signal } = spawnSync(command, args, { stdio: 'inherit' })
  if (signal === 'SIGINT') process.exit(130)
  if (status !== 0) {
    console.error(`\nFailed: ${command} ${args.join(' ')}`)
    process.exit(status ?? 1)
  }
}

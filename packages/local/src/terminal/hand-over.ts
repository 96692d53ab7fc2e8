/**
 * Runs a command that is about calls and not about the stack, as `iamfetch` of `@iamfetch/cli` does.
 *
 * The only place of this package that names a package of the client's side, and loaded only when such a command is
 * typed: what verifies shares nothing with what signs.
 *
 * @returns The exit code.
 */
export async function handOver(args: readonly string[]): Promise<number> {
  const { run } = await import('@iamfetch/cli')
  return run(args, { name: 'iamfetch-local' })
}

/** The commands that are handed over. */
export const HANDED_OVER: readonly string[] = ['explain', 'whoami', 'sign']

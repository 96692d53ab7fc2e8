import { runScript, type Ended } from '@iamfetch/testing/run-script'

/** Runs the command as a process of its own, with no environment but what is given. */
export const iamfetch = (
  args: readonly string[],
  options?: Parameters<typeof runScript>[2],
): Promise<Ended> => runScript(new URL('../../src/cli/cli.ts', import.meta.url), args, options)

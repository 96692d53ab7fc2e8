import { assert, asyncProperty } from 'fast-check'
import { loadSdk, run, scripts, setups, type Engine } from './script.ts'

export const ENGINES: readonly Engine[] = ['cognito', 'aws-sdk', 'wrapped', 'plain', 'token']

/**
 * Runs random scripts until an invariant is violated, and then makes the script as short as it can.
 *
 * @throws An error whose cause says what happened, step by step. `IDENTITY_MODEL_SEED` and `IDENTITY_MODEL_PATH` repeat it.
 */
export async function check(engine: Engine, numRuns: number): Promise<void> {
  const { IDENTITY_MODEL_SEED: seed, IDENTITY_MODEL_PATH: path } = process.env
  if (engine === 'aws-sdk') await loadSdk()
  await assert(
    asyncProperty(setups(engine), scripts, async (setup, script) => {
      const violation = await run(setup, script)
      if (violation !== undefined) throw new Error(violation)
    }),
    { numRuns, ...(seed && { seed: Number(seed) }), ...(path && { path }) },
  )
}

import * as fc from 'fast-check'
import { CHECKS, type Check } from './checks.ts'
import { anything, type Case } from './requests.ts'

/** Per check, how many cases were compared, and how many its oracle is known to sign otherwise. */
export type Tally = Record<string, { compared: number; known: Record<string, number> }>

/** Cases that are made from one seed. */
export interface Batch {
  seed: number
  cases: number
}

/**
 * Runs the checks in turn over the cases of one seed, in their proportions.
 *
 * @throws Error with the request and how to see it again, at the first difference.
 */
export async function runBatch({ seed, cases }: Batch): Promise<Tally> {
  const tally: Tally = {}
  for (const [i, one] of fc.sample(anything, { numRuns: cases, seed }).entries()) {
    const check = TURNS[(i + seed) % TURNS.length]!
    try {
      await runInto(tally, check, one)
    } catch (error) {
      const again = `npm run differential -- --cases ${cases} --seed ${seed} --workers 1`
      throw new Error(`${String(error)}\n${fc.stringify(one)}\n${again}`, { cause: error })
    }
  }
  return tally
}

const TURNS = CHECKS.flatMap((check) => Array.from({ length: check.percent / 5 }, () => check))

/** Runs one check on one case and counts it. */
export async function runInto(tally: Tally, check: Check, one: Case): Promise<void> {
  const mistake = await check.run(one)
  const counts = (tally[check.name] ??= { compared: 0, known: {} })
  if (mistake === undefined) counts.compared++
  else counts.known[mistake] = (counts.known[mistake] ?? 0) + 1
}

/** Adds what another batch came to. */
export function addTally(tally: Tally, more: Tally): void {
  for (const [name, { compared, known }] of Object.entries(more)) {
    const counts = (tally[name] ??= { compared: 0, known: {} })
    counts.compared += compared
    for (const [what, count] of Object.entries(known)) {
      counts.known[what] = (counts.known[what] ?? 0) + count
    }
  }
}

/** How many percent of a check's cases were compared. */
export function comparedPercent({ compared, known }: Tally[string]): number {
  const others = Object.values(known).reduce((sum, count) => sum + count, 0)
  return (100 * compared) / (compared + others)
}

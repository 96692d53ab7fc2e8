import { rowsByHand } from './by-hand.ts'
import { cognitoRows } from './cognito-rows.ts'
import { gatewayRows } from './gateway-rows.ts'
import type { Row, Target } from './row.ts'
import { settled } from './settled.ts'

/** Everything about AWS that this repository relies on and could not try. The first is the one to look at first. */
export const rows: readonly Row[] = [...gatewayRows, ...cognitoRows, ...rowsByHand]

/** Those that nothing has settled yet. */
export const openRows: readonly Row[] = rows.filter(({ id }) => !Object.hasOwn(settled, id))

/** What was seen, by the row's ID. */
export type Observation = Record<string, string>

/** Asks every row that the target has enough for; one after the other, so that none is throttled. */
export async function observed(target: Target): Promise<Observation> {
  const has = { nothing: true, user: !!target.user, machine: !!target.machine, 'a hand': false }
  const seen: Observation = {}
  for (const { id, needs, observe } of rows) {
    if (!observe || !has[needs]) continue
    seen[id] = await observe(target).catch(
      (error: unknown) => `no answer: ${error instanceof Error ? error.message : 'failed'}`,
    )
  }
  return seen
}

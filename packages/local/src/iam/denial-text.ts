import type { NearestStatement, StatementPosition } from '@iamfetch/policy'

/** A statement in a sentence: `statement 0 (Office)`. */
export const statementText = ({ statement, sid }: StatementPosition): string =>
  `statement ${statement}${sid === undefined ? '' : ` (${sid})`}`

/** The end of the reason for an implicit deny: which statement comes nearest, and why it does not apply. */
export const nearestText = (nearest: NearestStatement | undefined): string =>
  nearest ? `; ${statementText(nearest)} comes nearest: ${nearest.reason}` : ''

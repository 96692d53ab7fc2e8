import { refuse } from './refusal.ts'

/** A user, and what the user may hand out now. */
export interface KeyHolder {
  readonly userId: string
  /** The scopes that the user holds at this moment. */
  readonly scopes: readonly string[]
}

/**
 * Checks a key before it gets a new secret or a longer life.
 *
 * @param held  The scopes that its user holds now.
 * @throws {@link IamFetchError} `SCOPES_NOT_HELD` for a key with a scope that its user has lost.
 */
export function checkStillHeld(keyScopes: readonly string[], held: readonly string[]): void {
  const lost = keyScopes.filter((scope) => !held.includes(scope))
  if (lost.length === 0) return
  throw refuse(
    'SCOPES_NOT_HELD',
    `The key has scopes that you no longer hold: ${lost.join(', ')}.`,
    { remedy: 'Remove these scopes from the key first, or revoke it.' },
  )
}

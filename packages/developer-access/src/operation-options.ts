import { checkOptions, type OptionNames } from '@iamfetch/core'
import type { RevokeOptions } from './change.ts'
import type { KeyPatch, NewKey } from './check.ts'
import type { Rotation } from './rotate.ts'

/** The names of what an operation on keys takes. */
const KEY: OptionNames<NewKey & KeyPatch> = { label: true, scopes: true, expiresInSeconds: true }
const ROTATION: OptionNames<Rotation> = { graceSeconds: true }
const REVOCATION: OptionNames<RevokeOptions> = { reason: true, version: true, by: true }
const REMOVAL: OptionNames<Omit<RevokeOptions, 'version'>> = { reason: true, by: true }
const ONCE: OptionNames<{ idempotencyKey?: unknown }> = { idempotencyKey: true }
const VERSION: OptionNames<{ version?: unknown }> = { version: true }
const USER: OptionNames<{ userId?: unknown; username?: unknown; issuer?: unknown }> = {
  userId: true,
  username: true,
  issuer: true,
}

type Operation = 'createKey' | 'patchKey' | 'rotateKey' | 'revokeKey' | 'removeUser' | 'findUser'

const NAMES: Readonly<Record<Operation, readonly OptionNames<Record<string, unknown>>[]>> = {
  createKey: [KEY, ONCE],
  patchKey: [KEY, VERSION],
  rotateKey: [ROTATION, ONCE],
  revokeKey: [REVOCATION],
  removeUser: [REMOVAL],
  findUser: [USER],
}

/**
 * Checks the names in what an operation was given: a key without its misspelt `expiresInSeconds` would live for ever.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkOperation(
  operation: Operation,
  ...given: readonly (object | undefined)[]
): void {
  for (const [index, names] of NAMES[operation].entries()) {
    const options = given[index]
    if (options !== undefined) checkOptions<object>(operation, options, names)
  }
}

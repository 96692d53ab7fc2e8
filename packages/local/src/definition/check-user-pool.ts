import { show } from '../invalid-option.ts'
import { checkHandler } from './check-backend.ts'
import { fail, objectAt, onlyKeys } from './place.ts'

/**
 * Checks the `userPool` of a definition.
 *
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkUserPool(value: unknown): void {
  if (value === undefined) return
  const path = 'userPool'
  const pool = objectAt(value, path, 'an object')
  onlyKeys(pool, path, [
    'signInAliases',
    'selfSignUp',
    'refreshTokenRotation',
    'preTokenGeneration',
  ])
  const { signInAliases = [], selfSignUp, preTokenGeneration } = pool
  if (!Array.isArray(signInAliases) || signInAliases.some((alias) => alias !== 'email')) {
    fail(`${path}.signInAliases`, `must be [] or ["email"], got ${show(signInAliases)}`)
  }
  if (selfSignUp !== undefined && typeof selfSignUp !== 'boolean') {
    fail(`${path}.selfSignUp`, `must be true or false, got ${show(selfSignUp)}`)
  }
  checkRotation(pool['refreshTokenRotation'], `${path}.refreshTokenRotation`)
  checkTrigger(preTokenGeneration, `${path}.preTokenGeneration`)
}

/** Checks how refresh tokens rotate. */
export function checkRotation(value: unknown, path: string): void {
  if (value === undefined) return
  const rotation = objectAt(value, path, 'an object: { graceSeconds }')
  onlyKeys(rotation, path, ['graceSeconds'])
  const { graceSeconds = 0 } = rotation
  const isRight = Number.isInteger(graceSeconds) && Number(graceSeconds) >= 0
  if (!isRight || Number(graceSeconds) > 60) {
    fail(`${path}.graceSeconds`, `must be 0 to 60 seconds, got ${show(graceSeconds)}`)
  }
}

function checkTrigger(value: unknown, path: string): void {
  if (value === undefined || typeof value === 'function') return
  const trigger = objectAt(value, path, 'a function, or { version, handler }')
  onlyKeys(trigger, path, ['version', 'handler'])
  const { version, handler } = trigger
  if (version !== 1 && version !== 2) {
    fail(`${path}.version`, `must be 1 or 2, got ${show(version)}`)
  }
  checkHandler(handler, `${path}.handler`)
}

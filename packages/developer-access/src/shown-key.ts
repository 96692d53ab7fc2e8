import type { Key } from './key.ts'

/** A key and, this once, its secret. */
export interface ShownKey {
  readonly key: Key
  /**
   * Show it to the user; it cannot be read again. It hides from JSON, inspection and copies: read it by name. `undefined` if
   * `replayed`.
   */
  readonly secret?: string
  /** Whether the same request came before, and this is what it created. A lost secret is replaced by a rotation. */
  readonly replayed: boolean
}

/** Adds the secret so that no log shows it. */
export const hiddenSecret = (shown: Omit<ShownKey, 'secret'>, secret: string): ShownKey =>
  Object.freeze(Object.defineProperty(shown, 'secret', { get: () => secret, enumerable: false }))

import { timingSafeEqual } from 'node:crypto'
import { isIamFetchError } from '@iamfetch/core'
import type { Caller, Owner } from '@iamfetch/server'
import { isName } from './check.ts'
import { tryOrDefer, type KeyContext } from './context.ts'
import { keyOf, type Key, type KeyRow, type SecretRow } from './key.ts'
import { profileOf } from './profile.ts'
import { refuse } from './refusal.ts'
import type { OwnedKey, StoredUser } from './store.ts'

/** What the product knows of a user at this moment. */
export interface Profile {
  email?: string | undefined
  /** Defaults to none: a copy would outlive the membership. */
  groups?: readonly string[] | undefined
  /** What the user may do. A key never may more. Defaults to what the key was given. */
  scopes?: readonly string[] | undefined
  tenant?: string | undefined
}

/** Looks a user up. Returns `undefined` for a user who was deleted: the keys are then refused. */
export type FindProfile = (user: StoredUser) => Profile | undefined | Promise<Profile | undefined>

/** Whose key it is. */
export interface KeyOwner extends StoredUser {
  readonly key: Key
}

/** Finds the owners of keys, in memory or in the store. */
export interface Owners {
  readonly find: (clientId: string) => Promise<KeyOwner | undefined>
  /** As `owner` of `resolveCaller`. */
  readonly ofMachine: (machine: Caller) => Promise<Owner | undefined>
  /** As `verifyToken` of `resolveCaller`: the claims of an opaque key; `undefined` for another kind of token. */
  readonly verifyToken: (token: string) => Promise<Readonly<Record<string, unknown>> | undefined>
  readonly forget: (clientId: string) => void
}

type KnownKey = OwnedKey & { profile?: Profile | undefined }

/** Enough for every client of a large pool. The oldest is removed first. */
const MAX_KNOWN = 10_000

/** Creates the way from client IDs to users. */
export function createOwners(context: KeyContext): Owners {
  const { store, clock, limits, issuer } = context
  const known = knownKeys(context)
  const touched = new Map<string, number>()

  const touch = async ({ id, lastUsedAt = -Infinity }: KeyRow): Promise<void> => {
    const now = clock.now()
    const last = Math.max(lastUsedAt, touched.get(id) ?? -Infinity)
    if (now < last + limits.lastUsedSeconds * 1_000) return
    remember(touched, id, now)
    await tryOrDefer(context, id, () => store.touch(id, now))
  }

  return {
    forget: known.forget,
    async find(clientId) {
      const found = await orUnavailable(known.get(clientId))
      return found?.user && { ...found.user, key: keyOf(found.key, clock.now()) }
    },
    async ofMachine(machine) {
      if (issuer.issues && !issuer.issues(machine.issuer)) return undefined
      const found = await orUnavailable(known.get(machine.subject))
      if (!found) return undefined
      if (!found.user || !worksNow(found.key, clock.now())) throw rejected()
      await touch(found.key)
      return ownerOf(found, found.user)
    },
    async verifyToken(token) {
      const presented = issuer.read?.(token)
      if (!presented) return undefined
      const { clientId, hash, isMistyped } = presented
      if (isMistyped) throw refuse('TOKEN_INVALID', 'The key is incomplete or mistyped.')
      let key = (await orUnavailable(known.get(clientId)))?.key
      // A secret may be newer than what was read of its key. Only the store is read: a guessed secret costs no question about
      // the user, and what is known of the key stays.
      if (key && !secretWith(hash, key)) {
        const stored = await orUnavailable(store.byClientId(clientId))
        if (secretWith(hash, stored?.key)) {
          known.forget(clientId)
          key = (await orUnavailable(known.get(clientId)))?.key
        }
      }
      const secret = secretWith(hash, key)
      const now = clock.now()
      if (!key || !secret) throw refuse('TOKEN_INVALID', 'There is no such key.')
      if (!worksNow(key, now) || now >= (secret.expiresAt ?? Infinity)) throw rejected()
      return claimsOf(clientId, key, now)
    },
  }
}

interface KnownKeys {
  readonly get: (clientId: string) => Promise<KnownKey | undefined>
  readonly forget: (clientId: string) => void
}

/** Keeps what was read of keys for `revocationSeconds`. */
function knownKeys({ store, clock, limits, findProfile }: KeyContext): KnownKeys {
  const known = new Map<
    string,
    { since: number; until: number; found: Promise<KnownKey | undefined> }
  >()
  const read = async (clientId: string): Promise<KnownKey | undefined> => {
    const found = isName(clientId) ? await store.byClientId(clientId) : undefined
    if (!found?.user || !findProfile || found.key.state !== 'active') return found
    const profile = await profileOf(findProfile, found.user)
    return profile ? { ...found, profile } : { key: { ...found.key, state: 'closing' } }
  }
  return {
    forget: (clientId) => void known.delete(clientId),
    get(clientId) {
      const now = clock.now()
      const held = known.get(clientId)
      // A clock that was set back must not extend its life.
      if (held && now >= held.since && now < held.until) return held.found
      const found = read(clientId)
      // Its age counts from before the read: what changes during the read may not be in it.
      const entry = { since: now, until: now + limits.revocationSeconds * 1_000, found }
      remember(known, clientId, entry)
      // An unknown client may be known a moment later, and a store that is down may be back.
      const drop = (): void => {
        if (known.get(clientId) === entry) known.delete(clientId)
      }
      found.then((key) => key ?? drop(), drop)
      return found
    },
  }
}

function ownerOf({ key, profile }: KnownKey, user: StoredUser): Owner {
  const { scopes: held } = profile ?? {}
  const email = profile?.email ?? user.email
  return {
    subject: user.userId,
    username: user.username,
    ...(email !== undefined && { email }),
    ...(user.issuer !== undefined && { issuer: user.issuer }),
    groups: profile?.groups ?? [],
    scopes: key.scopes.filter((scope) => held?.includes(scope) ?? true),
    ...(profile?.tenant !== undefined && { tenant: profile.tenant }),
    ...(key.notBefore !== undefined && { notBefore: new Date(key.notBefore) }),
  }
}

/** The claims of an opaque key, in the form of an access token. */
function claimsOf(clientId: string, key: KeyRow, now: number): Readonly<Record<string, unknown>> {
  return {
    sub: clientId,
    client_id: clientId,
    token_use: 'access',
    scope: key.scopes.join(' '),
    // To the millisecond, and half of one more, which survives the arithmetic: a gateway may keep this while the key is
    // rotated within the same second.
    iat: (now + 0.5) / 1_000,
    ...(key.expiresAt !== undefined && { exp: Math.floor(key.expiresAt / 1_000) }),
  }
}

const secretWith = (hash: string, key: KeyRow | undefined): SecretRow | undefined =>
  key?.secrets.find((secret) => isSame(secret.hash, hash))

const worksNow = ({ state, expiresAt = Infinity }: KeyRow, now: number): boolean =>
  state === 'active' && now < expiresAt

const rejected = (): Error => refuse('TOKEN_REJECTED', 'The key was revoked or has expired.')

function isSame(stored: string | undefined, given: string): boolean {
  const storedBytes = Buffer.from(stored ?? '')
  const givenBytes = Buffer.from(given)
  return storedBytes.length === givenBytes.length && timingSafeEqual(storedBytes, givenBytes)
}

/** Without the store no caller is let in. */
async function orUnavailable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    const isWrongOption = error instanceof TypeError && 'code' in error
    if (isIamFetchError(error) || isWrongOption) throw error
    throw refuse('SERVICE_UNAVAILABLE', 'The owner of the key could not be read.', { cause: error })
  }
}

function remember<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name)
  map.set(name, value)
  for (const oldest of map.keys()) {
    if (map.size <= MAX_KNOWN) return
    map.delete(oldest)
  }
}

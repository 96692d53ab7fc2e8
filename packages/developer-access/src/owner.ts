import { timingSafeEqual } from 'node:crypto'
import { IamFetchError } from '@iamfetch/core'
import type { Caller, Owner } from '@iamfetch/server'
import { keyOf, type Key, type KeyRow } from './key.ts'
import { refuse } from './refusal.ts'
import type { OwnedKey, StoredUser } from './store.ts'
import { tryOr, type Works } from './works.ts'

/** What the product knows of a user at this moment. */
export interface Profile {
  email?: string | undefined
  /** @default none: a copy would outlive the membership */
  groups?: readonly string[] | undefined
  /** What the user may do. A key never may more. @default what the key was given */
  scopes?: readonly string[] | undefined
  tenant?: string | undefined
}

/** Looks a user up; nothing for one who is gone, whose keys are refused then. */
export type FindProfile = (user: StoredUser) => Profile | undefined | Promise<Profile | undefined>

/** Whose key it is. */
export interface KeyOwner extends StoredUser {
  readonly key: Key
}

/** Finds owners, from what was read a short while ago or from the store. */
export interface Owners {
  readonly find: (clientId: string) => Promise<KeyOwner | undefined>
  /** As `owner` of `resolveCaller`. */
  readonly ofMachine: (machine: Caller) => Promise<Owner | undefined>
  /** As `verifyToken` of `resolveCaller`: the claims of an opaque key; nothing for another kind of token. */
  readonly verifyToken: (token: string) => Promise<Readonly<Record<string, unknown>> | undefined>
  readonly forget: (clientId: string) => void
}

type Known = OwnedKey & { profile?: Profile | undefined }

/** Enough for every client of a large pool; the oldest goes first. */
const MOST_KNOWN = 10_000

/** Makes the way from client IDs to users. */
export function createOwners(works: Works, findProfile?: FindProfile): Owners {
  const { store, clock, limits, issuer } = works
  const known = new Map<string, { until: number; found: Promise<Known | undefined> }>()
  const touched = new Map<string, number>()

  const read = async (clientId: string): Promise<Known | undefined> => {
    const found = await store.byClientId(clientId)
    if (!found?.user || !findProfile || found.key.state !== 'active') return found
    const profile = await findProfile(found.user)
    return profile ? { ...found, profile } : { key: { ...found.key, state: 'closing' } }
  }

  const know = (clientId: string): Promise<Known | undefined> => {
    const now = clock.now()
    const held = known.get(clientId)
    if (held && now < held.until) return held.found
    const found = read(clientId)
    // Its age counts from before the read: what changes during it may not be in it.
    const entry = { until: now + limits.revocationSeconds * 1_000, found }
    remember(known, clientId, entry)
    // An unknown client may be known a moment later, and a store that is down may be back.
    const drop = (): void => {
      if (known.get(clientId) === entry) known.delete(clientId)
    }
    found.then((one) => one ?? drop(), drop)
    return found
  }

  const touch = async ({ id, lastUsedAt = -Infinity }: KeyRow): Promise<void> => {
    const now = clock.now()
    const last = Math.max(lastUsedAt, touched.get(id) ?? -Infinity)
    if (now < last + limits.lastUsedSeconds * 1_000) return
    remember(touched, id, now)
    await tryOr(works, id, () => store.touch(id, now))
  }

  return {
    forget: (clientId) => void known.delete(clientId),
    async find(clientId) {
      const found = await orUnavailable(know(clientId))
      return found?.user && { ...found.user, key: keyOf(found.key, clock.now()) }
    },
    async ofMachine(machine) {
      const found = await orUnavailable(know(machine.subject))
      if (!found) return undefined
      const { key, user, profile } = found
      if (!user || !worksNow(key, clock.now())) throw rejected()
      await touch(key)
      const { scopes: held } = profile ?? {}
      const email = profile?.email ?? user.email
      return {
        subject: user.userId,
        username: user.username,
        ...(email !== undefined && { email }),
        groups: profile?.groups ?? [],
        scopes: key.scopes.filter((scope) => held?.includes(scope) ?? true),
        ...(profile?.tenant !== undefined && { tenant: profile.tenant }),
        ...(key.notBefore !== undefined && { notBefore: new Date(key.notBefore) }),
      }
    },
    async verifyToken(token) {
      const presented = issuer.read?.(token)
      if (!presented) return undefined
      const { clientId, hash } = presented
      const secretOf = (row: KeyRow | undefined) =>
        row?.secrets.find((one) => isSame(one.hash, hash))
      let key = (await orUnavailable(know(clientId)))?.key
      // A secret may be newer than what was read of its key. The store alone is asked: a guess costs no question
      // about the user, and what is known of the key stays.
      if (
        key &&
        !secretOf(key) &&
        secretOf((await orUnavailable(store.byClientId(clientId)))?.key)
      ) {
        known.delete(clientId)
        key = (await orUnavailable(know(clientId)))?.key
      }
      const secret = secretOf(key)
      const now = clock.now()
      if (!key || !secret) throw refuse('TOKEN_INVALID', 'There is no such key.')
      if (!worksNow(key, now) || now >= (secret.expiresAt ?? Infinity)) throw rejected()
      return {
        sub: clientId,
        client_id: clientId,
        token_use: 'access',
        scope: key.scopes.join(' '),
        // To the millisecond, which half of one more keeps through the arithmetic: a gateway may hold on to
        // this while the key is rotated within the same second.
        iat: (now + 0.5) / 1_000,
        ...(key.expiresAt !== undefined && { exp: Math.floor(key.expiresAt / 1_000) }),
      }
    },
  }
}

const worksNow = ({ state, expiresAt = Infinity }: KeyRow, now: number): boolean =>
  state === 'active' && now < expiresAt

const rejected = (): Error => refuse('TOKEN_REJECTED', 'The key was revoked or has expired.')

function isSame(held: string | undefined, given: string): boolean {
  const [one, other] = [Buffer.from(held ?? ''), Buffer.from(given)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Without the store nobody is let in. */
async function orUnavailable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof IamFetchError) throw error
    throw refuse('SERVICE_UNAVAILABLE', 'Whose key it is could not be read.', error)
  }
}

function remember<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name)
  map.set(name, value)
  for (const oldest of map.keys()) {
    if (map.size <= MOST_KNOWN) return
    map.delete(oldest)
  }
}

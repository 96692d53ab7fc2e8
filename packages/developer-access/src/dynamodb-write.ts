import { itemKey, type Item } from './dynamodb-items.ts'
import { dueAt, isLive, type KeyRow } from './key.ts'
import { drop, put, update, type Condition, type Part } from './dynamodb-part.ts'
import type { KeyChange, StoredUser } from './store.ts'

/**
 * Returns the parts of one change. The first one whose condition does not hold determines why the change is refused.
 *
 * @param known  The user as it is now.
 */
export function changeParts(change: KeyChange, known: StoredUser | undefined): Part[] {
  const { before, after, user, once } = change
  return [
    ...(once ? [onceTaken(once, change.at)] : []),
    ...(user ? usernameTaken(user, known) : []),
    ...clientTaken(before, after),
    keyPut(before, after),
    ...userPut(change, known),
    ...indexPut(before, after),
    ...eventPut(change),
  ]
}

/** Removes a user without live keys, and frees the name. */
export const removalOf = ({ userId, ...name }: StoredUser): Part[] => [
  drop(
    itemKey.user(userId),
    { text: 'attribute_not_exists(#live) OR #live <= :none', none: 0 },
    'limit',
  ),
  drop(itemKey.username(name), { text: '#userId = :userId', userId }),
]

/** Removes one item. */
export const dropped = ({ pk = { S: '' }, sk = { S: '' } }: Item): Part => drop({ pk, sk })

function onceTaken(
  { token, request, ref, until, insteadOf }: NonNullable<KeyChange['once']>,
  now: number,
): Part {
  const free = 'attribute_not_exists(pk) OR #until <= :now'
  const condition: Condition =
    insteadOf === undefined
      ? { text: free, now }
      : { text: `${free} OR #ref = :insteadOf`, now, insteadOf }
  return put(
    itemKey.once(token),
    // Whole seconds, which time to live counts in.
    { ref, request, until, expiresAt: Math.ceil(until / 1_000) },
    condition,
    'once',
  )
}

function usernameTaken({ userId, ...name }: StoredUser, known: StoredUser | undefined): Part[] {
  const condition = { text: 'attribute_not_exists(pk) OR #userId = :userId', userId }
  const takeName = put(itemKey.username(name), { userId }, condition, 'username')
  if (!known || (known.username === name.username && known.issuer === name.issuer))
    return [takeName]
  return [takeName, drop(itemKey.username(known), { text: '#userId = :userId', userId })]
}

function clientTaken(before: KeyRow | undefined, after: KeyRow | undefined): Part[] {
  const [was, is] = [before?.clientId, after?.clientId]
  if (was === is) return []
  const freed = was === undefined ? [] : [drop(itemKey.client(was))]
  if (is === undefined || !after) return freed
  const { id: keyId, userId } = after
  const condition = { text: 'attribute_not_exists(pk) OR #keyId = :keyId', keyId }
  return [...freed, put(itemKey.client(is), { keyId, userId }, condition, 'client-id')]
}

function keyPut(before: KeyRow | undefined, after: KeyRow | undefined): Part {
  const key = itemKey.key((after ?? before)?.id ?? '')
  const unchanged = before && { text: '#version = :before', before: before.version }
  if (!after) return drop(key, unchanged ?? { text: 'attribute_exists(pk)' }, 'version')
  const { lastUsedAt: _kept, ...doc } = after
  const { state, version } = after
  const members = { doc: JSON.stringify(doc), state, version }
  return unchanged
    ? update(key, { set: members, condition: unchanged }, 'version')
    : put(key, members, { text: 'attribute_not_exists(pk)' }, 'version')
}

/** The user's item counts the live keys, so that a condition on it is the limit. */
function userPut({ before, after, user, limit }: KeyChange, known: StoredUser | undefined): Part[] {
  const userId = (after ?? before)?.userId ?? ''
  const more = Number(after ? isLive(after) : false) - Number(before ? isLive(before) : false)
  if (!user && more === 0) return []
  const conditions = [
    user &&
      (known
        ? // A user who is renamed in the meantime is read again.
          { text: '#username = :known', known: nameIn(known) }
        : { text: 'attribute_not_exists(pk)' }),
    !user && { text: 'attribute_exists(pk)' },
    more > 0 &&
      limit !== undefined && { text: '(attribute_not_exists(#live) OR #live < :limit)', limit },
  ].filter((condition) => condition !== false && condition !== undefined)
  const text = conditions.map((condition) => condition.text).join(' AND ')
  const set = user && { doc: JSON.stringify(user), username: nameIn(user) }
  const isFull = (stored: Item): boolean => Number(stored['live']?.N ?? 0) >= (limit ?? Infinity)
  const change = { ...(set && { set }), ...(more !== 0 && { add: more }) }
  return [
    update(
      itemKey.user(userId),
      { ...change, condition: Object.assign({}, ...conditions, { text }) },
      (stored) => (isFull(stored) ? 'limit' : undefined),
    ),
  ]
}

/** Changes whenever the item of the username does. */
const nameIn = ({ username, issuer = '' }: StoredUser): string => `${username}\n${issuer}`

function indexPut(before: KeyRow | undefined, after: KeyRow | undefined): Part[] {
  const parts: Part[] = []
  if (after && !before) parts.push(put(itemKey.ofUser(after), { keyId: after.id }))
  if (before && !after) parts.push(drop(itemKey.ofUser(before)))
  const [was, is] = [before && dueAt(before), after && dueAt(after)]
  if (was === is) return parts
  if (before && was !== undefined) parts.push(drop(itemKey.due({ dueAt: was, id: before.id })))
  if (after && is !== undefined) {
    parts.push(put(itemKey.due({ dueAt: is, id: after.id }), { keyId: after.id }))
  }
  return parts
}

function eventPut({ after, event }: KeyChange): Part[] {
  if (!after || !event) return []
  const key = itemKey.event(after.id, event.at, after.version)
  return [put(key, { doc: JSON.stringify(event) })]
}

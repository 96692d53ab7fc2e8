import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { KeyRow } from './key.ts'

/** An item, or the key of one. */
export type Item = Record<string, AttributeValue>

/** The keys of the items. Each item for a name contains which key or user has the name. */
export const itemKey = {
  /** `doc`, `version`, `state`, `lastUsed` */
  key: (id: string): Item => keyed(`key#${id}`, 'key'),
  /** `doc`, `live`: how many live keys */
  user: (userId: string): Item => keyed(`user#${userId}`, 'user'),
  /** `keyId`. In the order in which keys were created. */
  ofUser: ({ userId, createdAt, id }: KeyRow): Item =>
    keyed(`user#${userId}`, `key#${padded(createdAt)}#${id}`),
  /** `userId`. One for each issuer whose user has the name. */
  username: ({ username, issuer = '' }: { username: string; issuer?: string | undefined }): Item =>
    keyed(`username#${username}`, `issuer#${issuer}`),
  /** `keyId`, `userId` */
  client: (clientId: string): Item => keyed(`client#${clientId}`, 'client'),
  /** `ref`, `request`, `until`, `expiresAt` */
  once: (token: string): Item => keyed(`once#${token}`, 'once'),
  /** `doc`. In the order in which they happened. */
  event: (keyId: string, moment: number, version: number): Item =>
    keyed(`key#${keyId}`, `event#${padded(moment)}#${padded(version)}`),
  /** `keyId`. Keys with something to do, the most urgent first. */
  due: ({ dueAt, id }: { dueAt: number; id: string }): Item =>
    keyed('due', `${padded(Math.max(0, dueAt))}#${id}`),
}

/** A text of an item; empty where it has none. */
export const at = (item: Item | undefined, name: string): string => item?.[name]?.S ?? ''

/** The key to which an item leads. */
export const idOf = (item: Item): string => at(item, 'keyId')

/** The JSON of an item, as it was stored. */
export function jsonOf(item: Item | undefined): ReturnType<typeof JSON.parse> {
  const text = item?.['doc']?.S
  return text === undefined ? undefined : JSON.parse(text)
}

/** The key that an item is. */
export function rowOf(item: Item | undefined): KeyRow | undefined {
  const row: KeyRow | undefined = jsonOf(item)
  const lastUsed = item?.['lastUsed']?.N
  return row && (lastUsed === undefined ? row : { ...row, lastUsedAt: Number(lastUsed) })
}

const keyed = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } })

/** Sorts as a text as the number does. */
const padded = (value: number): string => String(Math.floor(value)).padStart(16, '0')

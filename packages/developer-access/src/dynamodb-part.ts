import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Item } from './dynamodb-items.ts'
import type { Outcome } from './store.ts'

/** One part of a transaction, and what it means when its condition does not hold. */
export interface Part {
  write: (TableName: string) => TransactWriteItem
  /** Called with the stored item; `undefined` if another process was faster. */
  because?: (stored: Item) => Because | undefined
}

/** Why a change is refused. */
export type Because = Exclude<Outcome, { done: true }>['because']

/** Another process writes the same items at this moment: the transaction may be tried again. */
export const REFUSED_BY_OTHERS = 'refused by others'

/** What an item holds. */
export type Members = Readonly<Record<string, string | number>>
/** A condition and its values: `:name` is replaced by the member of that name. */
export type Condition = { text: string } & Members

/** Puts an item, if the condition holds. */
export const put = (
  key: Item,
  members: Members,
  condition?: Condition,
  why?: Because | Part['because'],
): Part => ({
  write: (TableName) => ({
    Put: { TableName, Item: { ...key, ...itemOf(members) }, ...conditionOf(condition) },
  }),
  ...because(why),
})

/** Deletes an item, if the condition holds. */
export const drop = (Key: Item, condition?: Condition, why?: Because | Part['because']): Part => ({
  write: (TableName) => ({ Delete: { TableName, Key, ...conditionOf(condition) } }),
  ...because(why),
})

/** Changes an item, if the condition holds; `add` goes to `live`. */
export function update(
  Key: Item,
  { set = {}, add, condition }: { set?: Members; add?: number; condition: Condition },
  why?: Because | Part['because'],
): Part {
  const { text, ...values } = condition
  const assignments = Object.keys(set).map((name) => `#${name} = :${name}`)
  const UpdateExpression = [
    ...(assignments.length > 0 ? [`SET ${assignments.join(', ')}`] : []),
    ...(add === undefined ? [] : ['ADD #live :add']),
  ].join(' ')
  const all = { ...set, ...values, ...(add !== undefined && { add }) }
  return {
    write: (TableName) => ({
      Update: {
        TableName,
        Key,
        UpdateExpression,
        ConditionExpression: text,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ...namesIn(UpdateExpression + text),
        ...(Object.keys(all).length > 0 && { ExpressionAttributeValues: itemOf(all, ':') }),
      },
    }),
    ...because(why),
  }
}

/** Reads why a transaction was not done. @throws Every error except a failed condition. */
export function outcomeOf(
  error: unknown,
  parts: readonly Part[],
): Exclude<Outcome, { done: true }> | typeof REFUSED_BY_OTHERS {
  if (!(error instanceof Error)) throw error
  if (error.name === 'TransactionInProgressException') return REFUSED_BY_OTHERS
  if (error.name !== 'TransactionCanceledException') throw error
  const reasons = 'CancellationReasons' in error ? error.CancellationReasons : undefined
  const failures: { Code?: string; Item?: Item }[] = Array.isArray(reasons) ? reasons : []
  for (const [index, { Code, Item: stored = {} }] of failures.entries()) {
    const because = Code === 'ConditionalCheckFailed' && parts[index]?.because?.(stored)
    if (because) return { done: false, because }
  }
  if (failures.some(({ Code }) => WORTH_ANOTHER_TRY.has(Code ?? ''))) return REFUSED_BY_OTHERS
  throw error
}

const WORTH_ANOTHER_TRY: ReadonlySet<string> = new Set([
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

const valueOf = (value: string | number): AttributeValue =>
  typeof value === 'number' ? { N: String(value) } : { S: value }

const itemOf = (members: Members, before = ''): Item =>
  Object.fromEntries(
    Object.entries(members).map(([name, value]) => [before + name, valueOf(value)]),
  )

/** Every name by its alias: many an ordinary word is reserved. */
const namesIn = (text: string): object => {
  const names = [...new Set(text.match(/#\w+/g))]
  const aliases = Object.fromEntries(names.map((alias) => [alias, alias.slice(1)]))
  return names.length > 0 ? { ExpressionAttributeNames: aliases } : {}
}

function conditionOf(condition: Condition | undefined): object {
  if (!condition) return {}
  const { text, ...values } = condition
  return {
    ConditionExpression: text,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: itemOf(values, ':') }),
    ...namesIn(text),
  }
}

const because = (why: Because | Part['because']): Pick<Part, 'because'> =>
  why === undefined ? {} : { because: typeof why === 'string' ? () => why : why }

import { callerName, type Caller } from './caller.ts'

/** Which caller an object was fetched for. Objects only: equal primitives cannot be distinguished. */
const owners = new WeakMap<object, string>()

/** Notes that data was fetched for a caller. @returns The data. */
export function markOwn<T>(data: T, caller: Caller): T {
  if (isObject(data)) owners.set(data, callerName(caller))
  return data
}

/** Whether data is known to be fetched for this caller. */
export const isOwn = (data: unknown, caller: Caller): boolean =>
  isObject(data) && owners.get(data) === callerName(caller)

/** Returns the data, or `undefined` if it was fetched for another caller. */
export function withoutForeign<T>(data: T, caller: Caller): T | undefined {
  const owner = isObject(data) ? owners.get(data) : undefined
  return owner === undefined || owner === callerName(caller) ? data : undefined
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

import type { CognitoCredentials } from '@iamfetch/cognito'
import { callerName, callerOf, type Caller } from './caller.ts'

/** The first signed-in user and role of each credentials and of each `QueryClient`. */
const firstCallers = new WeakMap<object, string>()

/** Notes the caller who is signed in, if it is the first one. Data that came with the page was created for this caller. */
export function noteCaller(of: object, caller: Caller): void {
  if (caller.sub !== undefined && !firstCallers.has(of)) firstCallers.set(of, callerName(caller))
}

/** Notes the first caller of credentials, also if no component asks for data then. @returns A function that stops this. */
export function noteFirstCaller(credentials: CognitoCredentials): () => void {
  const note = (): void => noteCaller(credentials, callerOf(credentials.status()))
  note()
  return credentials.subscribe(note)
}

/** Whether a caller is the first who was seen. */
export const isFirstCaller = (of: object, caller: Caller): boolean =>
  firstCallers.get(of) === callerName(caller)

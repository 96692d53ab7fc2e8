import { IamFetchError } from '@iamfetch/core'

/** The members of a response. */
export type Members = Readonly<Record<string, unknown>>

/** Whether a value is an object with members. */
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The objects of a list. Anything else in it is skipped. */
export const objects = (value: unknown): Members[] =>
  Array.isArray(value) ? value.filter(isMembers) : []

/** @throws {@link IamFetchError} `UNEXPECTED_ANSWER` */
export function object(members: Members | undefined, name: string): Members {
  const value = members?.[name]
  return isMembers(value) ? value : missing(name)
}

/** @throws {@link IamFetchError} `UNEXPECTED_ANSWER` */
export function text(members: Members, name: string): string {
  const value = members[name]
  return typeof value === 'string' && value !== '' ? value : missing(name)
}

/** @throws {@link IamFetchError} `UNEXPECTED_ANSWER` */
export function missing(name: string): never {
  throw new IamFetchError('UNEXPECTED_ANSWER', `The response of Cognito has no ${name}.`, {
    remedy: 'Check the endpoint: something other than a user pool may have responded.',
  })
}

import { IamFetchError } from '@iamfetch/core'

/** Members of an answer. */
export type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The objects of a list; what is none is left out. */
export const objects = (value: unknown): Members[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** @throws {@link IamFetchError} `UNEXPECTED_ANSWER` */
export function object(of: Members | undefined, name: string): Members {
  const value = of?.[name]
  return isObject(value) ? value : missing(name)
}

/** @throws {@link IamFetchError} `UNEXPECTED_ANSWER` */
export function text(of: Members, name: string): string {
  const value = of[name]
  return typeof value === 'string' && value !== '' ? value : missing(name)
}

/** @throws {@link IamFetchError} `UNEXPECTED_ANSWER` */
export function missing(name: string): never {
  throw new IamFetchError('UNEXPECTED_ANSWER', `Cognito's answer has no ${name}.`, {
    remedy: 'Check the endpoint, and that it is a user pool that answers.',
  })
}

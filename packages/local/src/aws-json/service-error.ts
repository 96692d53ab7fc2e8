/** How a service of AWS's JSON protocol says no. */
export class Refusal extends Error {
  /** `NotAuthorizedException` and the like. */
  readonly type: string
  readonly status: number
  /** What is really the matter, for `x-local-reason`. */
  readonly reason: string | undefined

  constructor(type: string, message: string, reason?: string, status = 400) {
    super(message)
    this.type = type
    this.reason = reason
    this.status = status
  }
}

/**
 * Creates a refusal with AWS's own words. Cognito sends them with HTTP 400, whatever its model says.
 *
 * @param reason  What AWS does not report. Never a token, a password or a key.
 */
export const refuse = (type: string, message: string, reason?: string): Refusal =>
  new Refusal(type, message, reason)

/** Reads a member that has to be a string where it is there. */
export function textOf(input: Record<string, unknown>, member: string): string | undefined {
  const value = input[member]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw refuse('SerializationException', `${member} has to be a string`)
}

/**
 * Reads a member that has to be a map of strings where it is there. Empty where it is not.
 *
 * A `null` counts as not there: amazon-cognito-identity-js and Amplify v5 send `DEVICE_KEY: null` to refresh.
 */
export function textsOf(input: Record<string, unknown>, member: string): Map<string, string> {
  const value = input[member] ?? {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse('SerializationException', `${member} has to be a map of strings`)
  }
  const texts = new Map<string, string>()
  for (const [name, text] of Object.entries(value)) {
    if (text === null) continue
    if (typeof text === 'string') texts.set(name, text)
    else throw refuse('SerializationException', `${member} has to be a map of strings`)
  }
  return texts
}

/** Reads a parameter that has to be there. */
export function required(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name)
  if (value) return value
  throw refuse('InvalidParameterException', `Missing required parameter ${name}`)
}

/** The same response for everything that is wrong with a sign-in. */
export const wrongPassword = (reason: string): Refusal =>
  refuse('NotAuthorizedException', 'Incorrect username or password.', reason)

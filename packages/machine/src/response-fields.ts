/** Reads a property of something that came over the network. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined

/** Reads a text; empty if there is none. */
export function textField(value: unknown, name: string): string {
  const text = field(value, name)
  return typeof text === 'string' ? text : ''
}

/** Parses JSON; `undefined` for anything else. The parser's message quotes the text, which may contain a token: it is dropped. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Reads the name of an exception of an AWS service: `aws.cognito#NotAuthorizedException` in the body, or
 * `NotAuthorizedException:http://…` in the header.
 */
export function awsErrorName(json: unknown, headers?: Headers): string {
  const text = textField(json, '__type') || (headers?.get('x-amzn-errortype') ?? '')
  return text.split('#').at(-1)?.split(':')[0] ?? ''
}

import { jsonObject } from './json-object.ts'

/**
 * Reads the message of a JSON response of API Gateway or of another AWS service, which spell its name `message` or
 * `Message`.
 *
 * @returns `undefined` if the text is not a JSON object with such a text in it.
 */
export const gatewayMessage = (text: string): string | undefined => messageIn(jsonObject(text))

/** Reads the message of a response whose body has been parsed: see {@link gatewayMessage}. */
export const messageIn = (body: Readonly<Record<string, unknown>> = {}): string | undefined =>
  [body['message'], body['Message']].find((message) => typeof message === 'string')

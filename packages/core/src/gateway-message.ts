/**
 * Reads the message of a JSON response of API Gateway or of another AWS service, which spell its name `message` or
 * `Message`.
 *
 * @returns `undefined` if the text is not a JSON object with such a text in it.
 */
export function gatewayMessage(text: string): string | undefined {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof body !== 'object' || body === null) return undefined
  if ('message' in body && typeof body.message === 'string') return body.message
  if ('Message' in body && typeof body.Message === 'string') return body.Message
  return undefined
}

import type { Answer } from './refusal.ts'

/** The stream that a streamed Lambda handler writes its response to: the part of it that a refusal needs. */
export interface ResponseStream {
  /** Sets the content type of the response. */
  setContentType(type: string): void
  write(chunk: Uint8Array | string): unknown
  end(chunk?: Uint8Array | string): unknown
}

/** Whether the second argument of a handler is the stream that it writes to, not the context. */
export const isResponseStream = (value: unknown): value is ResponseStream =>
  typeof value === 'object' && value !== null && 'setContentType' in value && 'write' in value

/**
 * Writes a response with status and headers to a stream: they come first, in JSON, and eight null characters after them.
 *
 * @see [AWS: response streaming with Lambda proxy integration](https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html)
 */
export function writeAnswer(stream: ResponseStream, { statusCode, headers, body }: Answer): void {
  stream.setContentType('application/vnd.awslambda.http-integration-response')
  stream.write(JSON.stringify({ statusCode, headers }))
  stream.write(new Uint8Array(8))
  stream.end(body)
}

import { ResponseStream } from './response-stream.ts'

/** Marks a handler that writes to a stream, as Lambda's runtime does. */
const HANDLER_STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')

/** Whether a handler was made by `awslambda.streamifyResponse`. */
export const writesToStream = (handler: object): boolean =>
  Reflect.get(handler, HANDLER_STREAMING) === 'response'

/** Marks a handler as one that writes to a stream. */
export const asStreamedHandler = <Handler extends object>(handler: Handler): Handler =>
  Object.assign(handler, { [HANDLER_STREAMING]: 'response' })

/**
 * The global `awslambda` of Lambda's Node.js runtimes.
 *
 * @see [AWS: response streaming](https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html)
 */
const AWS_LAMBDA = {
  streamifyResponse: asStreamedHandler,
  HttpResponseStream: {
    /** Sets status, headers and cookies of a response. */
    from(stream: unknown, metadata: unknown): unknown {
      if (!(stream instanceof ResponseStream)) {
        throw new TypeError(
          'awslambda.HttpResponseStream.from: the first argument must be the stream that the handler received',
        )
      }
      stream.beginWith(metadata)
      return stream
    },
  },
}

/**
 * Defines `awslambda`, except on Lambda itself.
 *
 * It replaces what a library may have defined for its own tests: Powertools, for example, defines a global that has only a part
 * of Lambda's functions.
 */
export function provideAwsLambda(): void {
  if (process.env['AWS_LAMBDA_RUNTIME_API'] !== undefined) return
  Object.assign(globalThis, { awslambda: AWS_LAMBDA })
}

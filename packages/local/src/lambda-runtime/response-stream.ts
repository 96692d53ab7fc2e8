import { Transform, type TransformCallback } from 'node:stream'

/** The content type of a response that begins with its status and headers. */
export const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response'

/** What separates status and headers from the body: eight null characters. */
export const DELIMITER: Uint8Array = new Uint8Array(8)

/** What a streamed handler writes its response to, as in Lambda's Node.js runtimes. */
export class ResponseStream extends Transform {
  /** Of the response, or {@link WITH_PRELUDE}. */
  contentType = 'application/octet-stream'
  private prelude: string | undefined

  /** @param type  The type of a response that sets no status and headers itself. */
  setContentType(type: string): void {
    this.contentType = type
  }

  /** Sends status and headers before the first piece of the body: a response without any piece has neither, as on AWS. */
  beginWith(metadata: unknown): void {
    this.prelude = JSON.stringify(metadata)
    this.contentType = WITH_PRELUDE
  }

  override _transform(chunk: unknown, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.prelude !== undefined) {
      this.push(this.prelude)
      this.push(DELIMITER)
      this.prelude = undefined
    }
    done(null, chunk)
  }
}

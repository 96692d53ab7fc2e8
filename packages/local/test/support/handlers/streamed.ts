// Handlers of files that stream, or that do not.

interface Stream {
  write(piece: string): boolean
  end(piece?: string): void
  setContentType(type: string): void
}

declare const awslambda: {
  streamifyResponse<Handler>(handler: Handler): Handler
  HttpResponseStream: { from(stream: Stream, metadata: object): Stream }
}

const withMetadata = (stream: Stream): void => {
  const response = awslambda.HttpResponseStream.from(stream, {
    statusCode: 201,
    headers: { 'content-type': 'text/event-stream' },
    cookies: ['a=1'],
  })
  for (const piece of ['one ', 'two ', 'three']) response.write(piece)
  response.end()
}

/** More than any buffer between the handler and the client holds. */
const large = (stream: Stream): void => {
  stream.setContentType('text/plain')
  for (let i = 0; i < 20; i++) stream.write('x'.repeat(100_000))
  stream.end()
}

const failingLate = async (stream: Stream): Promise<void> => {
  stream.setContentType('text/plain')
  stream.write('begun')
  // Lets the piece go out.
  await new Promise((resolve) => setTimeout(resolve, 20))
  throw new RangeError('no end')
}

/** What it does is in the path. */
export const handler = awslambda.streamifyResponse(
  async ({ rawPath, body }: { rawPath: string; body?: string }, stream: Stream) => {
    if (rawPath === '/failing') throw new RangeError('no such chat')
    if (rawPath === '/late') return failingLate(stream)
    if (rawPath === '/large') return large(stream)
    if (rawPath === '/metadata') return withMetadata(stream)
    stream.setContentType('text/plain')
    stream.end(`you sent ${body}`)
  },
)

export const buffered = async (): Promise<object> => ({ ok: true })

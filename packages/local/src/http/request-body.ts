import { Refusal } from '../aws-json/service-error.ts'

/** unverified: AWS's own limits and words. */
const LARGEST_BODY = 1_048_576

/**
 * Reads the body of a request, up to the largest size that any operation here accepts. A client that sends without end
 * must not fill the memory.
 *
 * @throws {@link Refusal} with 413 for more than 1 MB.
 */
export async function bodyOf({ body }: Request): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    length += chunk.length
    if (length > LARGEST_BODY) throw TOO_LARGE
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** The same as a form. */
export const formOf = async (request: Request): Promise<URLSearchParams> =>
  new URLSearchParams(new TextDecoder().decode(await bodyOf(request)))

const TOO_LARGE = new Refusal(
  'RequestEntityTooLargeException',
  'Request Entity Too Large',
  'the body is over 1 MB',
  413,
)

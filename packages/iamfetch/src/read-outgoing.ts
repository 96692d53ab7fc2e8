import { checkMode } from '@iamfetch/sigv4'
import type { Sender } from './call.ts'
import type { OutgoingRequest } from './outgoing.ts'

/**
 * Reads the request of the caller into one value.
 *
 * @param target  The allowed URL.
 * @throws {@link IamFetchError} those of the body; `HEADER_NOT_SIGNABLE` for the mode "no-cors".
 */
export async function readOutgoing(
  { platform, destinations }: Pick<Sender, 'platform' | 'destinations'>,
  target: string,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): Promise<OutgoingRequest> {
  const { url, init: fields } = await platform.read(input, init)
  // An object that changes its address must not get a signature for another origin.
  if (typeof input === 'object') destinations.resolve(url)
  checkMode(fields)
  return {
    url: target,
    method: fields.method,
    headers: [...fields.headers],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a body that was read is text, bytes or nothing
    body: fields.body as OutgoingRequest['body'],
    init: fields,
  }
}

/** Whether the body needs no waiting: then no time passes between the read of the token and the first attempt. */
export function isAtHand(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  const body: unknown = init?.body
  if (body == null) return !(typeof input === 'object' && 'body' in input && input.body != null)
  return (
    typeof body === 'string' ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof URLSearchParams
  )
}

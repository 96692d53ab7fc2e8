import type { Clock, Credentials } from '@iamfetch/core'
import { createRequestSigner } from '@iamfetch/sigv4'

/** What a message is signed with. */
export interface MessageSigning {
  readonly credentials: Credentials
  readonly region: string | undefined
  readonly clock: Clock
}

/** The headers that AWS's documentation signs for each message. */
const HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['accept', 'application/json, text/javascript'],
  ['content-encoding', 'amz-1.0'],
  ['content-type', 'application/json; charset=UTF-8'],
]

/**
 * Signs one message of AppSync: as if its body were the body of a POST to the API.
 *
 * @param url   `https://….appsync-api.…/graphql`, `…/graphql/connect` or `…/event`.
 * @param body  Exactly as in the message.
 * @returns What the message carries as its authorization.
 * @see [AWS: real-time WebSocket client](https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html)
 */
export async function authorizationOf(
  url: URL,
  body: string,
  { credentials, region, clock }: MessageSigning,
): Promise<Record<string, string>> {
  const signer = createRequestSigner({
    credentials,
    region,
    service: 'appsync',
    clock,
    signHeaders: HEADERS.map(([name]) => name),
  })
  const { headers } = await signer.sign({ url: url.href, method: 'POST', headers: HEADERS, body })
  return { host: url.host, ...Object.fromEntries(headers) }
}

/**
 * Encodes an authorization as a WebSocket subprotocol, the only header of a handshake that a page can set.
 *
 * @see [AWS: Event API WebSocket protocol](https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-websocket-protocol.html)
 */
export function subprotocolOf(authorization: Readonly<Record<string, string>>): string {
  const base64 = btoa(JSON.stringify(authorization))
  return `header-${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`
}

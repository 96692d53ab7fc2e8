import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import { eventsProtocol, graphqlProtocol } from './protocol.ts'
import { checkSubscription, readSubscription, type SubscriptionOptions } from './subscription.ts'

export { publishEvents, type PublishedEvents, type PublishOptions } from './publish.ts'
export type { SocketConstructor, SocketLike } from './socket.ts'
export type { SubscriptionOptions }

const SUBSCRIPTION_NAMES: OptionNames<SubscriptionOptions> = {
  url: true,
  credentials: true,
  region: 'string',
  signal: true,
  attempts: 'number',
  retryMs: 'number',
  maxRetryMs: 'number',
  connectTimeoutMs: 'number',
  maxWaitingLength: 'number',
  clock: 'clock',
  random: 'function',
  WebSocket: 'function',
}

/** What {@link subscribeGraphql} subscribes to. */
export interface GraphqlSubscriptionOptions extends SubscriptionOptions {
  /** A GraphQL document with one subscription. */
  query: string
  /** @default {} */
  variables?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Subscribes to a GraphQL API of AppSync with IAM authorization, over a WebSocket.
 *
 * Handshake and subscription are signed. When the connection ends, breaks, or is silent for longer than AppSync said, a new one
 * follows, signed again; what was published in between is lost, as with every client of AppSync. The subscription belongs to the
 * user who is signed in when its first value is read, and is never opened again for another user.
 *
 * unverified: it follows AWS's documentation, and AWS's own signer agrees with its signatures; it was not tried on an account.
 *
 * @returns The payloads in order: `{ data }`, and `errors` if there are some. It throws {@link IamFetchError}: `CALLER_CHANGED`,
 *   `CLEARED`, `FORBIDDEN`, `UNEXPECTED_ANSWER` if the loop reads too slowly (`maxWaitingLength`), what the credentials source
 *   throws, and after `attempts` failures the last one.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS: real-time WebSocket client](https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html)
 * @example
 * ```ts
 * const url = 'https://abc.appsync-api.eu-central-1.amazonaws.com/graphql'
 * const query = 'subscription { noteAdded { id text } }'
 * for await (const payload of subscribeGraphql({ url, credentials, query })) console.log(payload)
 * ```
 */
export function subscribeGraphql(
  options: GraphqlSubscriptionOptions,
): AsyncGenerator<unknown, void, void> {
  checkOptions('subscribeGraphql', options, { ...SUBSCRIPTION_NAMES, query: true, variables: true })
  const url = checkSubscription('subscribeGraphql', options)
  const { query, variables = {} } = options
  if (typeof query !== 'string' || query.trim() === '') {
    throw invalidOption('subscribeGraphql', '"query" must be a GraphQL document', query)
  }
  return readSubscription(options, graphqlProtocol(url, query, variables))
}

/** What {@link subscribeEvents} subscribes to. */
export interface EventsSubscriptionOptions extends SubscriptionOptions {
  /** `/namespace/name`, or with `/*` at its end. */
  channel: string
}

/**
 * Subscribes to a channel of an Event API of AppSync with IAM authorization, over a WebSocket: see {@link subscribeGraphql}.
 *
 * To publish, see {@link publishEvents}.
 *
 * unverified: as {@link subscribeGraphql}.
 *
 * @param options  Its `url` is `https://….appsync-api.….amazonaws.com/event`.
 * @returns The events in order, parsed.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS: Event API WebSocket protocol](https://docs.aws.amazon.com/appsync/latest/eventapi/event-api-websocket-protocol.html)
 * @example
 * ```ts
 * const url = 'https://abc.appsync-api.eu-central-1.amazonaws.com/event'
 * for await (const event of subscribeEvents({ url, credentials, channel: '/notes/*' })) console.log(event)
 * ```
 */
export function subscribeEvents(
  options: EventsSubscriptionOptions,
): AsyncGenerator<unknown, void, void> {
  checkOptions('subscribeEvents', options, { ...SUBSCRIPTION_NAMES, channel: true })
  const url = checkSubscription('subscribeEvents', options)
  const { channel } = options
  if (typeof channel !== 'string' || !channel.startsWith('/')) {
    throw invalidOption('subscribeEvents', '"channel" must begin with "/"', channel)
  }
  return readSubscription(options, eventsProtocol(url, channel))
}

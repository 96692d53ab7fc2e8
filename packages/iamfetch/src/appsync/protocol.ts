import { hideSecrets, IamFetchError } from '@iamfetch/core'
import type { Frame } from './socket.ts'

/** What differs between subscriptions of GraphQL and of Events. */
export interface Protocol {
  /** The WebSocket subprotocol. */
  readonly name: string
  /** The URL of the WebSocket. */
  readonly realtimeUrl: URL
  /** What the handshake is signed for. */
  readonly connectUrl: URL
  /** What the subscription is signed for. */
  readonly messageUrl: URL
  /** What the subscription is signed with. */
  readonly body: string
  /** The message that subscribes. */
  readonly subscribe: (id: string, authorization: unknown) => Frame
  /** The message that ends the subscription. */
  readonly unsubscribe: string
  /** The value in a message of the type `data`. */
  readonly valueOf: (frame: Frame) => unknown
}

/** `wss://….appsync-realtime-api.…` of an AWS host; of a custom domain, the domain itself. */
function realtimeUrlOf(url: URL, awsPath: string, customPath: string): URL {
  const host = url.host.replace('.appsync-api.', '.appsync-realtime-api.')
  const path = host === url.host ? customPath : awsPath
  return new URL(`${url.protocol === 'http:' ? 'ws' : 'wss'}://${host}${path}`)
}

/** GraphQL subscriptions. @param url  `https://….appsync-api.…/graphql` */
export function graphqlProtocol(url: URL, query: string, variables: unknown): Protocol {
  const data = JSON.stringify({ query, variables })
  return {
    name: 'graphql-ws',
    realtimeUrl: realtimeUrlOf(url, '/graphql', '/graphql/realtime'),
    connectUrl: new URL('/graphql/connect', url),
    messageUrl: new URL('/graphql', url),
    body: data,
    subscribe: (id, authorization) => ({
      id,
      type: 'start',
      payload: { data, extensions: { authorization } },
    }),
    unsubscribe: 'stop',
    valueOf: ({ payload }) => payload,
  }
}

/** Subscriptions of AppSync Events. @param url  `https://….appsync-api.…/event` */
export function eventsProtocol(url: URL, channel: string): Protocol {
  return {
    name: 'aws-appsync-event-ws',
    realtimeUrl: realtimeUrlOf(url, '/event/realtime', '/event/realtime'),
    connectUrl: new URL('/event', url),
    messageUrl: new URL('/event', url),
    body: JSON.stringify({ channel }),
    subscribe: (id, authorization) => ({ id, type: 'subscribe', channel, authorization }),
    unsubscribe: 'unsubscribe',
    valueOf: ({ event }) => (typeof event === 'string' ? parsed(event) : event),
  }
}

/** An event is JSON in text. Another text is handed on as it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The error in a message of AppSync: what is refused is not tried again. */
export function errorOf({ type, errors, payload }: Frame): IamFetchError {
  const inPayload =
    typeof payload === 'object' && payload !== null && 'errors' in payload
      ? payload.errors
      : undefined
  const [first]: unknown[] = [errors ?? inPayload].flat()
  // What AppSync says of a wrong signature may repeat the session token.
  const text = hideSecrets(JSON.stringify(first ?? null)).slice(0, 1_000)
  const kind = hideSecrets(String(type)).slice(0, 100)
  if (/Unauthorized|Forbidden|AccessDenied|"errorCode":40[13]/.test(text)) {
    return new IamFetchError('FORBIDDEN', `AppSync refused the subscription: ${text}.`, {
      remedy:
        'Grant the role the actions appsync:GraphQL or appsync:EventConnect and appsync:EventSubscribe.',
    })
  }
  return new IamFetchError('SERVICE_UNAVAILABLE', `AppSync sent "${kind}": ${text}.`, {
    remedy: 'Check the query or the channel, or open the subscription again.',
    retryable: true,
  })
}

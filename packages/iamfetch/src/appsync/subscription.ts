import {
  backoffMs,
  callerChanged,
  invalidOption,
  isIamFetchError,
  isSameOwner,
  ownerOf,
  sleep,
  throwIfEnded,
  type CallCredentials,
  type Clock,
  type CredentialsSource,
  type Owner,
} from '@iamfetch/core'
import { credentialCallsOf } from '../provider.ts'
import { authorizationOf, subprotocolOf, type MessageSigning } from './authorization.ts'
import { errorOf, type Protocol } from './protocol.ts'
import { closed, openSocket, type FrameSocket, type SocketConstructor } from './socket.ts'

/** How a subscription connects, and when it connects again. */
export interface SubscriptionOptions {
  /** The HTTP endpoint: `https://….appsync-api.….amazonaws.com/graphql`, or that of a custom domain. */
  url: string | URL
  /** As for `createIamFetch`. */
  credentials: CredentialsSource
  /** Needed for custom domains. Defaults to the region in the AWS host name. */
  region?: string | undefined
  /** Ends the subscription: the next read rejects with its reason. */
  signal?: AbortSignal | undefined
  /** How many connections may fail one after the other before the error is thrown. @default 10 */
  attempts?: number | undefined
  /** The wait before a new connection, in milliseconds; it doubles with each failure. @default 1000 */
  retryMs?: number | undefined
  /** The longest wait, in milliseconds. @default 30000 */
  maxRetryMs?: number | undefined
  /** How long a connection may take until AppSync confirms the subscription, in milliseconds. @default 15000 */
  connectTimeoutMs?: number | undefined
  /**
   * How many characters of messages may wait until the loop reads them. With more, the subscription ends with
   * `UNEXPECTED_ANSWER`, after all that came before was read: nothing is dropped silently.
   *
   * @default 16777216
   */
  maxWaitingLength?: number | undefined
  /** The time of signatures and waits. @default the clock of `credentials` if it has one, else Date */
  clock?: Clock | undefined
  /** A number in [0, 1), for the waits. @default Math.random */
  random?: (() => number) | undefined
  /** Opens connections. Defaults to the platform's `WebSocket`, which Node has from 22 on. */
  WebSocket?: SocketConstructor | undefined
}

/** AppSync sends a keep-alive each minute, and says for how long its absence may last. */
const DEFAULT_KEEP_ALIVE_MS = 300_000

/** Checks the options that every subscription has. */
export function checkSubscription(owner: string, options: SubscriptionOptions): URL {
  const { url, credentials, attempts, retryMs, maxRetryMs, connectTimeoutMs, maxWaitingLength } =
    options
  if (!credentials) throw invalidOption(owner, '"credentials" is missing')
  const numbers = { attempts, retryMs, maxRetryMs, connectTimeoutMs, maxWaitingLength }
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && !(value > 0)) {
      throw invalidOption(owner, `"${name}" must be above 0`, value)
    }
  }
  if (/^[^/]*\/\/[^/]*@/.test(String(url))) {
    throw invalidOption(owner, '"url" must not contain a user or a password')
  }
  if (!URL.canParse(String(url)) || !/^https?:/.test(String(url))) {
    throw invalidOption(owner, '"url" must be the HTTP endpoint of the API, with https://', url)
  }
  if (!(options.WebSocket ?? globalThis.WebSocket)) {
    throw invalidOption(owner, '"WebSocket" is required, because this platform has none')
  }
  return new URL(url)
}

/**
 * Reads a subscription. Each connection and each message is signed for the user whom the subscription belongs to.
 *
 * unverified: the protocol follows AWS's documentation; no recording of an account exists.
 */
export async function* readSubscription(
  options: SubscriptionOptions,
  protocol: Protocol,
): AsyncGenerator<unknown, void, void> {
  const {
    credentials,
    signal,
    attempts = 10,
    retryMs = 1_000,
    maxRetryMs = 30_000,
    random,
  } = options
  const isProvider = typeof credentials === 'function'
  const clock = options.clock ?? (isProvider ? credentials.clock : undefined) ?? Date
  const call = credentialCallsOf(credentials, clock).startCall()
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  const stop = call.ended.onEnd((error) => controller.abort(error))
  const state: State = { failures: 0, isOver: false }
  try {
    const user = { call, owner: await call.owner }
    for (;;) {
      try {
        yield* connection(options, protocol, { user, clock, state, signal: controller.signal })
      } catch (error) {
        state.failures++
        const isFinal = state.failures >= attempts || !isIamFetchError(error) || !error.retryable
        if (isFinal || controller.signal.aborted) throw error
      }
      if (state.isOver) return
      const wait = backoffMs(state.failures, { baseMs: retryMs, capMs: maxRetryMs, random })
      await sleep(clock, wait, controller.signal)
    }
  } catch (error) {
    throwIfEnded(call.ended)
    if (signal?.aborted) throw signal.reason
    throw error
  } finally {
    stop()
    signal?.removeEventListener('abort', abort)
    controller.abort()
    call.close()
  }
}

interface State {
  /** Connections that failed since the last one that was confirmed. */
  failures: number
  /** AppSync has ended the subscription. */
  isOver: boolean
}

interface Connecting {
  readonly user: { readonly call: CallCredentials; readonly owner: Owner }
  readonly clock: Clock
  readonly state: State
  readonly signal: AbortSignal
}

async function* connection(
  options: SubscriptionOptions,
  protocol: Protocol,
  { user, clock, state, signal }: Connecting,
): AsyncGenerator<unknown, void, void> {
  const {
    region,
    connectTimeoutMs = 15_000,
    maxWaitingLength = 16_777_216,
    WebSocket = globalThis.WebSocket,
  } = options
  const signing = async (): Promise<MessageSigning> => {
    const credentials = await user.call.get({ readAgain: true })
    throwIfEnded(user.call.ended)
    if (!isSameOwner(user.owner, ownerOf(credentials))) throw callerChanged()
    return { credentials, region, clock }
  }
  const handshake = await authorizationOf(protocol.connectUrl, '{}', await signing())
  signal.throwIfAborted()
  const protocols = [protocol.name, subprotocolOf(handshake)]
  const { opened, socket } = openSocket({
    Socket: WebSocket,
    url: protocol.realtimeUrl.href,
    protocols,
    clock,
    signal,
    maxWaitingLength,
  })
  const id = '1'
  try {
    const isOpen = await withinTime(opened, connectTimeoutMs, clock)
    signal.throwIfAborted()
    if (!isOpen) throw closed()
    socket.send({ type: 'connection_init' })
    const keepAliveMs = await acknowledged(socket, connectTimeoutMs)
    const authorization = await authorizationOf(protocol.messageUrl, protocol.body, await signing())
    signal.throwIfAborted()
    socket.send(protocol.subscribe(id, authorization))
    let waitMs = connectTimeoutMs
    for (;;) {
      const frame = await socket.next(waitMs)
      throwIfEnded(user.call.ended)
      const { type } = frame
      if (type === 'start_ack' || type === 'subscribe_success') {
        state.failures = 0
        waitMs = keepAliveMs
      } else if (type === 'data') yield protocol.valueOf(frame)
      else if (type === 'complete') {
        state.isOver = true
        return
      } else if (isError(type)) throw errorOf(frame)
    }
  } finally {
    if (!signal.aborted) sendQuietly(socket, { type: protocol.unsubscribe, id })
    socket.close()
  }
}

/** Waits for a connection. @returns Whether it was opened in time. */
async function withinTime(opened: Promise<boolean>, ms: number, clock: Clock): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(clock, ms, timer.signal).then(
    () => false,
    () => false,
  )
  return Promise.race([opened, late]).finally(() => timer.abort())
}

/** Waits for the acknowledgement of the connection. @returns How long AppSync may be silent, in milliseconds. */
async function acknowledged(socket: FrameSocket, timeoutMs: number): Promise<number> {
  for (;;) {
    const frame = await socket.next(timeoutMs)
    if (isError(frame['type'])) throw errorOf(frame)
    if (frame['type'] !== 'connection_ack') continue
    const { payload, connectionTimeoutMs } = frame
    const inPayload =
      typeof payload === 'object' && payload !== null && 'connectionTimeoutMs' in payload
        ? payload.connectionTimeoutMs
        : connectionTimeoutMs
    return typeof inPayload === 'number' && inPayload > 0 ? inPayload : DEFAULT_KEEP_ALIVE_MS
  }
}

const isError = (type: unknown): boolean => typeof type === 'string' && /(^|_)error$/.test(type)

function sendQuietly(socket: FrameSocket, frame: Readonly<Record<string, unknown>>): void {
  try {
    socket.send(frame)
  } catch {
    // It is closed already.
  }
}

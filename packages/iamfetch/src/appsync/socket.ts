import { IamFetchError, jsonObject, sleep, type Clock } from '@iamfetch/core'

/** The part of a WebSocket that is used. */
export interface SocketLike {
  send(data: string): void
  close(): void
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: { data?: unknown }) => void,
  ): void
}

/** Opens a WebSocket: the platform's `WebSocket`, or that of a library. */
export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike

/** One message, parsed. */
export type Frame = Readonly<Record<string, unknown>>

/** A connection whose messages are read one after the other. */
export interface FrameSocket {
  send(frame: Frame): void
  /**
   * Waits for the next message.
   *
   * @param timeoutMs  How long, at most.
   * @throws {@link IamFetchError} `NETWORK_OR_CORS` if the connection closes, or if nothing arrives in time; `UNEXPECTED_ANSWER`
   *   after the messages that were held, if more than `maxWaitingLength` were waiting to be read.
   */
  next(timeoutMs: number): Promise<Frame>
  close(): void
}

/** What a connection is opened with. */
export interface SocketOptions {
  readonly Socket: SocketConstructor
  readonly url: string
  readonly protocols: string[]
  readonly clock: Clock
  /** Ends the connection. */
  readonly signal: AbortSignal
  /** How many characters may wait to be read. */
  readonly maxWaitingLength: number
}

/** Opens a connection. It ends when the signal aborts, and when its reader is too slow. */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
export function openSocket({
  Socket,
  url,
  protocols,
  clock,
  signal,
  maxWaitingLength,
}: SocketOptions): { opened: Promise<boolean>; socket: FrameSocket } {
  const socket = new Socket(url, protocols)
  const waiting: { frame: Frame; length: number }[] = []
  let waitingLength = 0
  const state = { isClosed: false, isOverrun: false }
  let wake = (): void => {}
  const close = (): void => {
    state.isClosed = true
    signal.removeEventListener('abort', close)
    wake()
    socket.close()
  }
  signal.addEventListener('abort', close)
  socket.addEventListener('message', ({ data }) => {
    const frame = typeof data === 'string' ? jsonObject(data) : undefined
    if (!frame || typeof data !== 'string' || state.isOverrun) return
    // A keep-alive says nothing to a reader that has messages left to read.
    if (frame['type'] === 'ka' && waiting.length > 0) return
    waitingLength += data.length
    state.isOverrun = waitingLength > maxWaitingLength
    if (state.isOverrun) return close()
    waiting.push({ frame, length: data.length })
    wake()
  })
  for (const type of ['close', 'error'] as const) {
    socket.addEventListener(type, () => {
      state.isClosed = true
      wake()
    })
  }
  const opened = new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true))
    socket.addEventListener('close', () => resolve(false))
    socket.addEventListener('error', () => resolve(false))
  })
  return {
    opened,
    socket: {
      send: (frame) => socket.send(JSON.stringify(frame)),
      close,
      async next(timeoutMs) {
        const timer = new AbortController()
        const wait = { isLate: false }
        sleep(clock, timeoutMs, timer.signal).then(
          () => {
            wait.isLate = true
            wake()
          },
          () => {},
        )
        try {
          while (waiting.length === 0 && !state.isClosed && !wait.isLate) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        } finally {
          timer.abort()
        }
        signal.throwIfAborted()
        const next = waiting.shift()
        if (next) {
          waitingLength -= next.length
          return next.frame
        }
        if (state.isOverrun) throw overrun(maxWaitingLength)
        throw wait.isLate ? silent(timeoutMs) : closed()
      },
    },
  }
}

/** The error of a connection that was not opened, or that was closed. */
export const closed = (): IamFetchError =>
  new IamFetchError('NETWORK_OR_CORS', 'AppSync closed the WebSocket, or refused it.', {
    remedy:
      'Check the URL, and that the role may connect: the handshake does not say why it failed.',
    retryable: true,
  })

const overrun = (maxWaitingLength: number): IamFetchError =>
  new IamFetchError(
    'UNEXPECTED_ANSWER',
    `More than ${maxWaitingLength} characters of messages were waiting to be read, so the subscription was ended. Everything before was handed out.`,
    {
      remedy:
        'Read the messages faster, put them aside while they are processed, or raise "maxWaitingLength".',
    },
  )

const silent = (ms: number): IamFetchError =>
  new IamFetchError(
    'NETWORK_OR_CORS',
    `AppSync sent nothing for ${ms} ms, not even a keep-alive.`,
    {
      remedy: 'Open the subscription again.',
      retryable: true,
    },
  )

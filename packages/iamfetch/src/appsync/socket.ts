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
   * @throws {@link IamFetchError} `NETWORK_OR_CORS` if the connection closes, or if nothing arrives in time.
   */
  next(timeoutMs: number): Promise<Frame>
  close(): void
}

/** Opens a connection. It ends when the signal aborts. */
export function openSocket(
  Socket: SocketConstructor,
  url: string,
  protocols: string[],
  clock: Clock,
  signal: AbortSignal,
): { opened: Promise<boolean>; socket: FrameSocket } {
  const socket = new Socket(url, protocols)
  const frames: Frame[] = []
  const state = { isClosed: false }
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
    if (frame) frames.push(frame)
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
          while (frames.length === 0 && !state.isClosed && !wait.isLate) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        } finally {
          timer.abort()
        }
        signal.throwIfAborted()
        const frame = frames.shift()
        if (frame) return frame
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

const silent = (ms: number): IamFetchError =>
  new IamFetchError(
    'NETWORK_OR_CORS',
    `AppSync sent nothing for ${ms} ms, not even a keep-alive.`,
    {
      remedy: 'Open the subscription again.',
      retryable: true,
    },
  )

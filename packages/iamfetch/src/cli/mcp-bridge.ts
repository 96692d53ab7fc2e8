import {
  callerChanged,
  isIamFetchError,
  isSameOwner,
  jsonObject,
  readText,
  type Owner,
} from '@iamfetch/core'
import { textOf } from '../events/connection.ts'
import { eventParser } from '../events/event-parser.ts'
import { signedEvents } from '../events/signed-events.ts'
import { withOnCaller } from '../on-caller.ts'
import { describeRefusal } from '../refusal.ts'
import { printable } from './printable.ts'

/** The options of a bridge. */
export interface BridgeOptions {
  /** The MCP endpoint. */
  readonly url: string
  /** What `createIamFetch` or `createTokenFetch` returned. */
  readonly iamFetch: typeof globalThis.fetch
  /** The messages of the client, one in each line. */
  readonly lines: AsyncIterable<string>
  /** Receives the messages for the client, without line breaks. */
  readonly write: (line: string) => void
  /** Receives what cannot be reported to the client, without secrets. */
  readonly note: (text: string) => void
}

type Message = Readonly<Record<string, unknown>>

/**
 * Passes MCP messages from stdin and stdout on to a server that speaks Streamable HTTP, until the client closes its input.
 *
 * Each message is a signed POST. A refusal becomes the error of the request, with the reason that the gateway gave. The session
 * belongs to the user whose message began it: what another user sends is refused.
 *
 * @see [MCP: transports](https://modelcontextprotocol.io/specification/2025-06-18/basic/transports)
 */
export async function bridge(options: BridgeOptions): Promise<void> {
  const session = new Session(options)
  for await (const line of options.lines) {
    if (line.trim() !== '') await session.take(line)
  }
  await session.end()
}

/** One client and its session at the server. */
class Session {
  private readonly options: BridgeOptions
  private readonly closing = new AbortController()
  private readonly underWay = new Set<Promise<void>>()
  /** The requests that have no response yet, by their ID. */
  private readonly requests = new Map<unknown, AbortController>()
  private id: string | undefined
  /** Whose session it is. */
  private owner: Owner | undefined
  private protocolVersion: string | undefined
  /** Settles when the server has accepted what has no response of its own: the order of these is kept. */
  private accepted: Promise<void> = Promise.resolve()

  constructor(options: BridgeOptions) {
    this.options = options
  }

  /** Sends one line. What follows `initialize` waits for its response, which names the session. */
  async take(line: string): Promise<void> {
    const message = jsonObject(line)
    if (!message) {
      this.reply(
        null,
        -32_700,
        'The line is not a JSON object. Send one JSON-RPC message in each line.',
      )
      return
    }
    await this.accepted
    const sending = this.send(line, message).finally(() => this.underWay.delete(sending))
    this.underWay.add(sending)
    if (message['method'] === 'initialize') await sending
    if (message['id'] === undefined || message['method'] === undefined) this.accepted = sending
    if (message['method'] === 'notifications/initialized') {
      await sending
      void this.listen()
    }
  }

  /** Waits for the responses that are under way, and ends the session at the server. */
  async end(): Promise<void> {
    await Promise.allSettled(this.underWay)
    this.closing.abort()
    if (this.id === undefined) return
    const { iamFetch, url } = this.options
    const init = withOnCaller({ method: 'DELETE', headers: this.headers() }, this.check)
    const response = await iamFetch(url, init).catch(() => undefined)
    await response?.body?.cancel()
  }

  /** Throws if a message would be another user's. */
  private readonly check = (owner: Owner): void => {
    this.owner ??= owner
    if (!isSameOwner(this.owner, owner)) throw callerChanged()
  }

  /** The text may come from a server and be shown in a terminal. */
  private note(text: string): void {
    this.options.note(printable(text))
  }

  private headers(): Record<string, string> {
    return {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(this.id !== undefined && { 'mcp-session-id': this.id }),
      ...(this.protocolVersion !== undefined && { 'mcp-protocol-version': this.protocolVersion }),
    }
  }

  private async send(line: string, message: Message): Promise<void> {
    const { id, method } = message
    const isRequest = id !== undefined && method !== undefined
    const abort = new AbortController()
    if (isRequest) this.requests.set(id, abort)
    try {
      const { iamFetch, url } = this.options
      const init = { method: 'POST', headers: this.headers(), body: line, signal: abort.signal }
      const response = await iamFetch(url, withOnCaller(init, this.check))
      if (!response.ok) throw new Error(await refusalText(response))
      this.id ??= response.headers.get('mcp-session-id') ?? undefined
      const answered = await this.read(response, id, abort.signal)
      if (isRequest && !answered && !abort.signal.aborted) {
        this.reply(id, -32_000, 'The server closed the response before the result was there.')
      }
      if (method === 'notifications/cancelled') this.cancel(message['params'])
    } catch (error) {
      if (abort.signal.aborted) return
      const text = textOfError(error)
      if (isRequest) this.reply(id, -32_000, text)
      else this.note(text)
    } finally {
      if (isRequest) this.requests.delete(id)
    }
  }

  /** Stops waiting for a request that the client has cancelled: a server may leave it without a response. */
  private cancel(params: unknown): void {
    if (typeof params !== 'object' || params === null || !('requestId' in params)) return
    this.requests.get(params.requestId)?.abort()
  }

  /** Passes on the messages of a response. @returns Whether the response to the request was among them. */
  private async read(response: Response, id: unknown, signal: AbortSignal): Promise<boolean> {
    const type = response.headers.get('content-type') ?? ''
    if (!/^text\/event-stream/i.test(type)) {
      const text = await readText(response, LONGEST_MESSAGE)
      return text.trim() !== '' && this.pass(text, id)
    }
    let answered = false
    const parser = eventParser('', LONGEST_MESSAGE)
    for await (const text of textOf(response, signal)) {
      for (const { data } of parser.push(text)) answered = this.passEvent(data, id) || answered
    }
    return answered
  }

  /** Reads the messages that the server sends by itself. A server without them refuses the GET. */
  private async listen(): Promise<void> {
    const { url } = this.options
    const iamFetch: typeof globalThis.fetch = (input, init) =>
      this.options.iamFetch(input, withOnCaller(init, this.check))
    const { 'content-type': _, accept: __, ...headers } = this.headers()
    try {
      const { signal } = this.closing
      for await (const { data } of signedEvents(iamFetch, url, { headers, signal }))
        this.passEvent(data)
    } catch (error) {
      const isNone =
        isIamFetchError(error, 'UNEXPECTED_ANSWER') || isIamFetchError(error, 'FORBIDDEN')
      if (!this.closing.signal.aborted && !isNone) this.note(textOfError(error))
    }
  }

  /** An event without data only tells its ID, as the first event of a stream does since version 2025-11-25. */
  private passEvent(data: string, id?: unknown): boolean {
    return data !== '' && this.pass(data, id)
  }

  /** Passes one message, or several in an array, on to the client. */
  private pass(text: string, id?: unknown): boolean {
    const parsed = parse(text)
    const messages: unknown[] = Array.isArray(parsed) ? parsed : [parsed]
    let answered = false
    for (const message of messages) {
      if (typeof message !== 'object' || message === null) {
        this.note('The server sent something that is not a JSON-RPC message.')
        continue
      }
      if ('result' in message) this.noteVersion(message.result)
      answered ||= 'id' in message && message.id === id && !('method' in message)
      this.options.write(JSON.stringify(message))
    }
    return answered
  }

  private noteVersion(result: unknown): void {
    if (typeof result !== 'object' || result === null || !('protocolVersion' in result)) return
    this.protocolVersion ??= String(result.protocolVersion)
  }

  private reply(id: unknown, code: number, message: string): void {
    this.options.write(JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: { code, message } }))
  }
}

/** The longest message of the server, in characters of a stream or bytes of JSON. */
const LONGEST_MESSAGE = 16_777_216

async function refusalText(response: Response): Promise<string> {
  const { status } = response
  if (status === 401 || status === 403) {
    const { message } = await describeRefusal(response)
    return `The API refused the call with a ${status}. ${message}`
  }
  await response.body?.cancel()
  const remedy =
    status === 404
      ? ' The session may have ended, or the URL is wrong: start the bridge again.'
      : ''
  return `The server responded with the status ${status}.${remedy}`
}

function textOfError(error: unknown): string {
  if (isIamFetchError(error)) {
    return `${error.message.replace(/(?<![.!?…])$/, '.')} ${error.remedy}`
  }
  return error instanceof Error ? error.message : 'The call failed.'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

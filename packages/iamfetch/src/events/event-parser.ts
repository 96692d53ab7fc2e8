import { IamFetchError } from '@iamfetch/core'

/** One event of a stream. */
export interface ServerSentEvent {
  /** Its type. @default 'message' */
  event: string
  /** Its lines, joined by line feeds. */
  data: string
  /** The last ID that the stream has sent, with this event or before it; empty until there was one. */
  id: string
}

/** Reads the text of a stream of events. Created by {@link eventParser}. */
export interface EventParser {
  /** Takes the next piece of the text, cut anywhere. @returns The events that it completed. */
  push(text: string): ServerSentEvent[]
  /** The ID to name when the stream is opened again. */
  readonly lastEventId: string
  /** The latest `retry` of the stream, in milliseconds. */
  readonly retryMs: number | undefined
}

/**
 * Creates what reads the text of one connection. An event that is not complete when the connection ends is dropped.
 *
 * @param lastEventId     The last ID of the connections before.
 * @param maxEventLength  The longest event, in characters.
 * @see [HTML: server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation)
 */
export function eventParser(lastEventId: string, maxEventLength: number): EventParser {
  let rest = ''
  /** The last character was a carriage return: a line feed that follows belongs to it. */
  let endedWithReturn = false
  let retryMs: number | undefined
  let sentId = lastEventId
  let event = ''
  let data: string[] = []
  let length = 0

  const readField = (name: string, value: string): void => {
    if (name === 'event') event = value
    else if (name === 'data') data.push(value)
    else if (name === 'id' && !value.includes('\0')) sentId = value
    else if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value)
  }
  const readLine = (line: string): void => {
    const colon = line.indexOf(':')
    if (colon === 0) return
    length += line.length
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1)
    readField(name, value.startsWith(' ') ? value.slice(1) : value)
  }
  const endEvent = (): ServerSentEvent[] => {
    lastEventId = sentId
    const complete =
      data.length > 0 ? [{ event: event || 'message', data: data.join('\n'), id: lastEventId }] : []
    event = ''
    data = []
    length = 0
    return complete
  }
  return {
    get lastEventId() {
      return lastEventId
    },
    get retryMs() {
      return retryMs
    },
    push(text) {
      const given = endedWithReturn && text.startsWith('\n') ? text.slice(1) : text
      if (text !== '') endedWithReturn = text.endsWith('\r')
      // Only what is new is searched: a long line that comes in many pieces takes linear time.
      const [head = '', ...more] = given.split(/\r\n|\r|\n/)
      const lines = [rest + head, ...more]
      rest = lines.pop() ?? ''
      const complete: ServerSentEvent[] = []
      for (const line of lines) {
        if (line === '') complete.push(...endEvent())
        else readLine(line)
        if (length > maxEventLength) throw tooLong(maxEventLength)
      }
      if (length + rest.length > maxEventLength) throw tooLong(maxEventLength)
      return complete
    },
  }
}

const tooLong = (maxEventLength: number): IamFetchError =>
  new IamFetchError(
    'UNEXPECTED_ANSWER',
    `An event of the stream is longer than ${maxEventLength} characters ("maxEventLength").`,
    { remedy: 'Send smaller events, or raise "maxEventLength".' },
  )

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventParser, type ServerSentEvent } from '../src/events/event-parser.ts'

const parse = (text: string, lastEventId = ''): ServerSentEvent[] =>
  eventParser(lastEventId, 1_000).push(text)
const message = (data: string, id = ''): ServerSentEvent => ({ event: 'message', data, id })

// The examples of https://html.spec.whatwg.org/multipage/server-sent-events.html, and its rules one by one.
test.each<[string, string, ServerSentEvent[]]>([
  ['joins lines of data', 'data: YHOO\ndata: +2\ndata: 10\n\n', [message('YHOO\n+2\n10')]],
  [
    'reads comments, IDs and an empty ID',
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    [message('first event', '1'), message('second event'), message(' third event')],
  ],
  ['fires for empty data', 'data\n\ndata\ndata\n\ndata:', [message(''), message('\n')]],
  [
    'takes one space after the colon',
    'data:test\n\ndata: test\n\n',
    [message('test'), message('test')],
  ],
  [
    'names the event',
    'event: add\ndata: 1\n\ndata: 2\n\n',
    [{ event: 'add', data: '1', id: '' }, message('2')],
  ],
  [
    'keeps the ID for events without one',
    'id: 7\ndata: a\n\ndata: b\n\n',
    [message('a', '7'), message('b', '7')],
  ],
  [
    'ignores an ID with a null character',
    'id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n',
    [message('a', '7'), message('b', '7')],
  ],
  [
    'drops an event without data, keeps its ID',
    'event: x\nid: 9\n\ndata: a\n\n',
    [message('a', '9')],
  ],
  [
    'ignores unknown fields and their case',
    'DATA: no\nfoo: no\n data: no\ndata: yes\n\n',
    [message('yes')],
  ],
  ['drops an event that is not complete', 'data: a\n\ndata: b\n', [message('a')]],
  [
    'reads CRLF, CR and LF',
    'data: a\r\n\r\ndata: b\r\rdata: c\n\n',
    [message('a'), message('b'), message('c')],
  ],
  ['keeps colons in values', 'data: a:b: c\n\n', [message('a:b: c')]],
])('%s', (_, text, events) => {
  expect(parse(text)).toEqual(events)
})

test('begins with the ID of the connection before', () => {
  expect(parse('data: a\n\n', '4')).toEqual([message('a', '4')])
})

test('takes a retry of digits alone', () => {
  const parser = eventParser('', 1_000)
  for (const text of ['retry: 10\n', 'retry: 1.5\n', 'retry: -1\n', 'retry:\n', 'retry: 5s\n']) {
    parser.push(text)
    expect(parser.retryMs).toBe(10)
  }
})

test('an ID counts when its event is complete, so that an event that was cut off is sent again', () => {
  const parser = eventParser('1', 1_000)
  parser.push('id: 2\ndata: x\n')
  expect(parser.lastEventId).toBe('1')
  parser.push('\n')
  expect(parser.lastEventId).toBe('2')
})

test('returns the same events however the text is cut', () => {
  const part = fc.constantFrom(
    'data',
    'event',
    'id',
    ':',
    ' ',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    'a',
    'ü',
    '\uFEFF',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), fc.array(fc.nat(20)), (parts, cuts) => {
      const text = parts.join('')
      const parser = eventParser('', 1_000)
      const events: ServerSentEvent[] = []
      let at = 0
      for (const cut of cuts) {
        events.push(...parser.push(text.slice(at, at + cut)))
        at += cut
      }
      events.push(...parser.push(text.slice(at)))
      expect(events).toEqual(parse(text))
    }),
    { numRuns: 500 },
  )
})

describe('an event that is too long is refused', () => {
  test.each([
    ['in one line', [`data: ${'x'.repeat(1_000)}`]],
    ['in many lines', Array.from({ length: 200 }, () => 'data: 1234\n')],
    ['in a line that never ends', Array.from({ length: 200 }, () => 'xxxxxx')],
  ])('%s', (_, pieces) => {
    const parser = eventParser('', 1_000)
    expect(() => pieces.map((piece) => parser.push(piece))).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_ANSWER' }),
    )
  })

  test('an event that is too long is refused but any number of short ones is not', () => {
    const parser = eventParser('', 1_000)
    const texts = Array.from({ length: 500 }, () => `:comment ${'x'.repeat(50)}\ndata: 1234\n\n`)
    expect(texts.flatMap((text) => parser.push(text))).toHaveLength(500)
  })
})

test('a line in very many pieces takes linear time', () => {
  const parser = eventParser('', 2_000_000)
  parser.push('data:')
  for (let i = 0; i < 200_000; i++) parser.push('12345')
  expect(parser.push('\n\n')[0]?.data).toHaveLength(1_000_000)
})

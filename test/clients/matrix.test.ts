import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clients, type Client } from './matrix/clients.ts'
import { failed, judge, readReport, type ReportedLine } from './matrix/outcome.ts'
import { requestsFor } from './matrix/requests.ts'
import { whyNotWritten, withTables, type Row } from './matrix/tables.ts'

const client: Client = {
  name: 'signer',
  engine: 'python',
  program: ['signers'],
  tries: 'signed requests',
  faults: [{ fails: ['unsorted query'], shows: 'the signature is not', why: 'It sorts nothing.' }],
}
const requests = requestsFor({ http: 'http://127.0.0.1:1', rest: 'http://127.0.0.1:2/prod' })

/** What a client reports that does everything as its row says. */
const lines = (): ReportedLine[] => [
  { version: '1.0.0' },
  ...requests.map(({ id, status, refusal }): ReportedLine => {
    const isFault = id.endsWith(': unsorted query')
    if (isFault)
      return { request: id, status: 403, reason: 'InvalidSignature: the signature is not' }
    return { request: id, status, reason: refusal ? `${refusal}: as expected` : null }
  }),
]
const change = (id: string, line: Partial<ReportedLine>): ReportedLine[] =>
  lines().map((one) => (one.request === id ? { ...one, ...line } : one))

describe('how a client of the matrix is judged', () => {
  test('a client that does what its row says has no failure', () => {
    expect(judge(client, lines(), requests)).toEqual({
      version: '1.0.0',
      passed: requests.length - 2,
      expected: 2,
      failures: [],
    })
  })

  test('a refusal that is not expected is a failure with the local reason', () => {
    const reported = change('http: GET', { status: 403, reason: 'InvalidSignature: why' })
    expect(judge(client, reported, requests).failures).toEqual([
      'http: GET: status 403, InvalidSignature: why',
    ])
  })

  test('a request that has to be refused and is accepted is a failure', () => {
    const reported = change('rest: POST by bob', { status: 200, reason: null })
    expect(judge(client, reported, requests).failures).toEqual([
      'rest: POST by bob: status 200, without a reason',
    ])
  })

  test('a refusal for another reason than the expected one is a failure', () => {
    const reported = change('http: POST by bob', { reason: 'InvalidSignature: why' })
    expect(judge(client, reported, requests).failures).toEqual([
      'http: POST by bob: expected ImplicitDeny, got InvalidSignature: why',
    ])
    const other = change('http: unsorted query', { reason: 'ExpiredToken: why' })
    expect(judge(client, other, requests).failures).toEqual([
      'http: unsorted query: expected "the signature is not", got "status 403, ExpiredToken: why"',
    ])
  })

  test('a fault of a client that no longer fails is a failure', () => {
    const reported = change('rest: unsorted query', { status: 200, reason: null })
    expect(judge(client, reported, requests).failures).toEqual([
      'rest: unsorted query: it passes, but is listed as a fault of the client.',
    ])
  })

  test('a program that ends early is a failure', () => {
    expect(judge(client, lines().slice(0, 3), requests).failures).toContain(
      `The program sent 2 of ${requests.length} requests.`,
    )
    expect(judge(client, [], requests).failures).toContain('The program reported no result.')
  })

  test('a check that failed is a failure with its error, and other lines are ignored', () => {
    const reported = readReport(
      'noise\n@{"version":"1"}\n@{"check":"sign-in","error":"it broke"}\n',
    )
    expect(judge({ ...client, faults: [] }, reported, requests).failures).toEqual([
      'sign-in: it broke',
    ])
  })
})

describe('the tables in the README', () => {
  const outcome = { version: '1', passed: 1, expected: 0, failures: [] }
  const passing: Row = { client, engine: 'Python 3', outcome }

  test('are written if every client ran and passed', () => {
    expect(whyNotWritten([passing], [client])).toBeUndefined()
  })

  test.each<[string, Row[]]>([
    ['only some clients were chosen', []],
    ['this machine lacks Go', [{ client, engine: 'Go', skipped: 'go is not installed' }]],
    ['a client failed', [{ client, engine: 'Go', outcome: failed('it broke') }]],
  ])('stay as they are if %s', (why, rows) => {
    expect(whyNotWritten(rows, [client])).toBe(why)
  })

  test('are put between their marks', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    const written = withTables(readme, [passing])
    expect(written).toContain('| signer | 1       | Python 3 | signed requests | 1 pass |')
    expect(written).toContain('| signer | unsorted query | It sorts nothing. |')
    expect(withTables(written, [passing])).toBe(written)
    expect(() => withTables('no marks', [passing])).toThrow('There is no place for a table')
  })

  test('have a row for each client of the list', () => {
    const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    const named = [...readme.matchAll(/^\| (.+?) +\| v?[\d.]+ +\|/gm)].map(([, name]) => name)
    expect(named).toEqual(clients.map(({ name }) => name))
  })
})

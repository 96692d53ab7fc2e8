import type { Client, ClientFault } from './clients.ts'
import type { SignedRequest } from './requests.ts'

/** One line that a program reports. */
export interface ReportedLine {
  version?: string
  /** The ID of a signed request, with the status and the local reason of its response. */
  request?: string
  status?: number
  reason?: string | null
  /** The name of a check. */
  check?: string
  /** Why the request could not be sent, or how the check failed. */
  error?: string
}

/** How a client did. */
export interface Outcome {
  version: string
  passed: number
  /** Failures that are the client's own, as the list of clients has them. */
  expected: number
  /** What is wrong, one sentence each. */
  failures: readonly string[]
}

/** The outcome of a client that could not be run. */
export const failed = (failure: string): Outcome => ({
  version: '?',
  passed: 0,
  expected: 0,
  failures: [failure],
})

/** Reads the lines of a program that begin with `@`. */
export const readReport = (printed: string): ReportedLine[] =>
  printed
    .split('\n')
    .filter((line) => line.startsWith('@'))
    .map((line) => JSON.parse(line.slice(1)) as ReportedLine)

/** Judges what a program reported. */
export function judge(
  client: Client,
  lines: readonly ReportedLine[],
  requests: readonly SignedRequest[],
): Outcome {
  const version = lines.find((line) => line.version !== undefined)?.version
  const results = lines.flatMap((line) => resultOf(line, requests))
  const sent = lines.filter(({ request }) => request !== undefined).length
  const failures: string[] = []
  if (version === undefined) failures.push('The program reported no version.')
  if (results.length === 0) failures.push('The program reported no result.')
  if (sent > 0 && sent !== requests.length) {
    failures.push(`The program sent ${sent} of ${requests.length} requests.`)
  }
  let [passed, expected] = [0, 0]
  for (const { name, failure } of results) {
    const fault = faultOf(client, name)
    if (failure === undefined && !fault) passed++
    else if (failure === undefined) {
      failures.push(`${name}: it passes, but is listed as a fault of the client.`)
    } else if (!fault) failures.push(`${name}: ${failure}`)
    else if (failure.includes(fault.shows)) expected++
    else failures.push(`${name}: expected "${fault.shows}", got "${failure}"`)
  }
  for (const { fails } of client.faults ?? []) {
    for (const name of fails) {
      if (!results.some((result) => matches(name, result.name))) {
        failures.push(`${name}: it is listed as a fault, and the program did not try it.`)
      }
    }
  }
  return { version: version ?? '?', passed, expected, failures }
}

interface Result {
  name: string
  failure: string | undefined
}

function resultOf(line: ReportedLine, requests: readonly SignedRequest[]): Result[] {
  if (line.check !== undefined) return [{ name: line.check, failure: line.error }]
  if (line.request === undefined) return []
  const request = requests.find(({ id }) => id === line.request)
  if (!request) return [{ name: line.request, failure: 'There is no such request.' }]
  return [{ name: request.id, failure: line.error ?? refusalFault(request, line) }]
}

function refusalFault({ status, refusal }: SignedRequest, line: ReportedLine): string | undefined {
  const { reason } = line
  if (line.status !== status) return `status ${line.status}, ${reason ?? 'without a reason'}`
  const isRight = refusal === undefined || (reason ?? '').startsWith(`${refusal}:`)
  return isRight ? undefined : `expected ${refusal}, got ${reason ?? 'no reason'}`
}

const faultOf = ({ faults = [] }: Client, name: string): ClientFault | undefined =>
  faults.find(({ fails }) => fails.some((one) => matches(one, name)))

/** Whether a name of a fault names this result; signed requests are listed without their API. */
const matches = (listed: string, name: string): boolean =>
  name === listed || name === `http: ${listed}` || name === `rest: ${listed}`

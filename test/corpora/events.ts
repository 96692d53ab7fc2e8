import { isIamFetchError } from '@iamfetch/core'
import { resolveCaller, type Caller, type CallerOptions } from '@iamfetch/server'
import { Counts, isRecord, type JsonFile, type Result } from './read-json-files.ts'

const MUTATIONS = Number(process.env['IAMFETCH_MUTATIONS'] ?? 80)
const MALLORY = 'mallory-of-the-corpus'
const userPools = [{ userPoolId: 'eu-central-1_AbCdEf123', clientIds: null, jwks: { keys: [] } }]
const OPTIONS: readonly CallerOptions[] = [{}, { userPools }]

/**
 * Asks who called for each event, for each with claims of another user in all places that a client writes, and for mutations of
 * each. A caller has to come from what the gateway wrote, and everything else has to be an error with a code.
 */
export async function runEvents(files: readonly JsonFile[]): Promise<Result> {
  const counts = new Counts()
  const faults: string[] = []
  const seen = new Set<string>()
  const random = randomFrom(1)
  const check = async (name: string, event: unknown): Promise<string[]> => {
    const outcomes: string[] = []
    for (const options of OPTIONS) {
      const { outcome, fault } = await outcomeOf(event, options)
      outcomes.push(outcome)
      if (fault !== undefined) faults.push(`${name}: ${fault}`)
    }
    return outcomes
  }
  for (const { path, content } of files) {
    for (const event of eventsIn(content)) {
      const text = JSON.stringify(event)
      if (seen.has(text)) continue
      seen.add(text)
      counts.add('events')
      const outcomes = await check(path, event)
      for (const outcome of outcomes.slice(0, 1)) counts.add(outcome.split(' ')[0] ?? '')
      const forged = await check(`${path} with forged claims`, withForgedClaims(event))
      counts.add('forged')
      const [before, after] = [outcomes[0], forged[0]]
      // Two headers with different tokens are more than one caller, which is refused.
      if (before !== after && !after?.startsWith('CALLER_')) {
        faults.push(`${path}: ${before} becomes ${after} by what a client writes`)
      }
      for (let i = 0; i < MUTATIONS; i++) {
        await check(`${path}, mutation ${i}`, mutate(event, random))
        counts.add('mutations')
      }
    }
  }
  return { counts: counts.all, faults }
}

async function outcomeOf(
  event: unknown,
  options: CallerOptions,
): Promise<{ outcome: string; fault?: string }> {
  try {
    const caller = await resolveCaller(event, options)
    const outcome = `${caller.kind} ${caller.subject} ${caller.shape}`
    return isProven(caller, event) ? { outcome } : { outcome, fault: `a wrong caller: ${outcome}` }
  } catch (error) {
    if (isIamFetchError(error)) return { outcome: error.code }
    return { outcome: 'crash', fault: `not an error with a code: ${String(error)}` }
  }
}

/** Without a valid token every caller has to be named in `requestContext`, which only the gateway writes. */
function isProven({ proof, subject }: Caller, event: unknown): boolean {
  if (proof !== 'gateway' || !isRecord(event) || subject.includes(MALLORY)) return false
  return textsIn(event['requestContext']).some((text) => text.includes(nameIn(subject)))
}

/** The subject of a role is its ARN without the session and without the path. */
const nameIn = (subject: string): string =>
  subject.startsWith('arn:') ? (subject.split('/').at(-1) ?? subject) : subject

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** The events in a file, however deep they are. */
function eventsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(eventsIn)
  return isEvent(value) ? [value, ...below] : below
}

const isEvent = (value: object): boolean =>
  isRecord(value) &&
  (isRecord(value['requestContext']) || 'methodArn' in value || 'routeArn' in value)

function withForgedClaims(event: object): object {
  const claims = { sub: MALLORY, principalId: MALLORY, userArn: MALLORY, 'cognito:groups': 'Admin' }
  const forged = JSON.stringify({ authorizer: { claims, jwt: { claims } }, identity: claims })
  const fields = isRecord(event) ? event : {}
  const headersOf = (name: string) => (isRecord(fields[name]) ? fields[name] : {})
  return {
    ...event,
    headers: {
      ...headersOf('headers'),
      'x-amzn-request-context': forged,
      'x-forwarded-user': MALLORY,
      sub: MALLORY,
    },
    queryStringParameters: { ...headersOf('queryStringParameters'), sub: MALLORY, claims: forged },
    pathParameters: { ...headersOf('pathParameters'), sub: MALLORY },
    body: forged,
    authorizer: claims,
    claims,
    identity: claims,
  }
}

type Random = () => number

/** Changes one or a few values of a copy: another type, another text, a member less or twice. */
function mutate(event: object, random: Random): unknown {
  let mutated: unknown = structuredClone(event)
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
    mutated = mutateAt(mutated, Math.floor(random() * 6), random)
  }
  return mutated
}

const VALUES: readonly unknown[] = [
  null,
  undefined,
  '',
  ' ',
  0,
  -1,
  true,
  [],
  {},
  [[]],
  'null',
  '[]',
  '{}',
  '{"sub":',
  'Bearer a.b.c',
  'arn:aws:iam::123456789012:root',
  'a,b',
  '[a b]',
  `cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123:CognitoSignIn:`,
  '\u0000',
  'x'.repeat(5000),
  { __proto__: null, toString: 1 },
]

function mutateAt(value: unknown, depth: number, random: Random): unknown {
  if (typeof value !== 'object' || value === null) return pick(VALUES, random)
  const keys = Object.keys(value)
  const key = pick(keys, random)
  if (key === undefined) return pick(VALUES, random)
  const copy: Record<string, unknown> = { ...value }
  const change = random()
  if (depth > 0) copy[key] = mutateAt(copy[key], depth - 1, random)
  else if (change < 0.3) delete copy[key]
  else if (change < 0.5) copy[key.toUpperCase()] = copy[key]
  else copy[key] = pick(VALUES, random)
  return Array.isArray(value) ? Object.values(copy) : copy
}

const pick = <T>(values: readonly T[], random: Random): T | undefined =>
  values[Math.floor(random() * values.length)]

/** A sequence that is the same in each run (mulberry32). */
function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

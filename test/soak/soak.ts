// Two hundred callers on bad days, one after the other: `npm run soak -- --minutes 10`.
import { parseArgs } from 'node:util'
import { cognitoCredentials, type CognitoCredentials } from '@iamfetch/cognito'
import { createFaults, startLocalStack, type FaultKind } from '@iamfetch/local'
import { createIamFetch, IamFetchError } from 'iamfetch'
import { groupAccess } from '../group-access.ts'
import { signIn } from '@iamfetch/testing/sign-in'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    callers: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const minutes = Number(values.minutes)
const callers = Number(values.callers)
if (!(minutes > 0 && minutes <= 60 && callers >= 1 && callers <= 2_000)) {
  console.error('--minutes: above 0, 60 at most; --callers: 1 to 2000')
  process.exit(2)
}
const random = randomOf(Number(values.seed))
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
console.log(`${callers} callers, ${minutes} minutes, --seed ${values.seed}`)

/** What must never happen, with how often it did. */
const wrong = new Map<string, number>()
const complain = (what: string): void => void wrong.set(what, (wrong.get(what) ?? 0) + 1)
process.on('unhandledRejection', (error) => {
  complain(`unhandled rejection: ${error instanceof Error ? error.stack : String(error)}`)
})
process.on('uncaughtException', (error) => complain(`uncaught exception: ${error.stack}`))

// Sessions of a minute: each caller lives through many of them.
const faults = createFaults()
const stack = await startLocalStack(
  { ...groupAccess, identityPool: { sessionSeconds: 60 } },
  { faults },
)
const { config } = stack
const ROLES = { alice: 'FullAccessRole', bob: 'ReadOnlyAccessRole' } as const
type Name = keyof typeof ROLES
const NAMES: readonly Name[] = ['alice', 'bob']
const tokens: Record<Name, string> = { alice: '', bob: '' }
const renew = async (name: Name): Promise<string> =>
  (tokens[name] = (await signIn(stack, name)).idToken)
await Promise.all(NAMES.map(renew))

/** One tab, with or without a signed-in user. Up to a dozen callers share its credentials and its clock. */
interface Tab {
  who: Name | undefined
  /** Grows with each sign-in and sign-out, so that a caller knows whether its user changed in the meantime. */
  turn: number
  credentials: CognitoCredentials
  skewMs: number
}
const openTab = (): Tab => {
  const tab: Tab = {
    who: pick(NAMES),
    turn: 0,
    skewMs: 0,
    credentials: cognitoCredentials({
      identityPoolId: config.identityPoolId,
      endpoint: config.endpoints.cognitoIdentity,
      clock: { now: () => Date.now() + tab.skewMs },
      // Nothing secret, and nothing that throws: it is only listened to.
      onEvent: () => void seen.events++,
      idToken: async ({ forceRefresh }) => {
        const { who } = tab
        return who && (forceRefresh ? renew(who) : tokens[who])
      },
    }),
  }
  return tab
}
const seen = { calls: 0, answers: 0, errors: 0, aborted: 0, events: 0, faults: 0, changes: 0 }
const codes = new Map<string, number>()
const tabs = Array.from({ length: Math.ceil(callers / 12) }, openTab)
const endsAt = performance.now() + minutes * 60_000
const going = (): boolean => performance.now() < endsAt
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function caller(tab: Tab): Promise<void> {
  while (going()) {
    const api = pick(['http', 'rest'])
    const call = createIamFetch({
      baseUrl: config.apis[api]?.url,
      region: config.region,
      credentials: tab.credentials,
      deadlineMs: 8_000,
      retry: { random: () => random() / 10 },
    })
    for (let i = 0; i < 20 && going(); i++) {
      await once(tab, call)
      await pause(20 + random() * 180)
    }
  }
}

async function once(tab: Tab, call: typeof fetch): Promise<void> {
  const { who, turn } = tab
  const aborts = random() < 0.05
  const signal = aborts ? AbortSignal.timeout(Math.ceil(random() * 50)) : null
  const method = random() < 0.3 ? 'POST' : 'GET'
  seen.calls++
  try {
    const response = await call('/test', { method, signal })
    const text = await response.text()
    seen.answers++
    if (!who && turn === tab.turn) complain('a call without a user was answered')
    if (!response.ok || text.startsWith('<')) return
    const { role } = JSON.parse(text) as { role: string }
    // If the user changed during the call, each user is possible; otherwise only the current one is.
    const possible = turn === tab.turn ? [who && ROLES[who]] : Object.values(ROLES)
    if (!possible.includes(role as (typeof ROLES)[Name])) complain(`${who} called as ${role}`)
    if (method === 'POST' && role === ROLES.bob) complain('a POST went through for bob')
  } catch (error) {
    if (aborts && Object(error).name === 'TimeoutError') return void seen.aborted++
    seen.errors++
    if (!(error instanceof IamFetchError)) {
      return complain(`no typed error: ${error instanceof Error ? error.stack : String(error)}`)
    }
    codes.set(error.code, (codes.get(error.code) ?? 0) + 1)
  }
}

const KINDS: readonly FaultKind[] = ['throttle', 'fail', 'slow', 'garbage', 'drop', 'hang']
const OPERATIONS = ['GetId', 'GetCredentialsForIdentity', 'ANY /test', 'ANY /test']

/** Injects a failure every few milliseconds. */
async function trouble(): Promise<void> {
  while (going()) {
    await pause(random() * 60)
    seen.faults++
    const order = { fault: pick(KINDS), times: 1 + Math.floor(random() * 8), delayMs: 300 }
    const ordered = faults.next(pick(OPERATIONS), order)
    // Nothing hangs for ever, and orders do not pile up.
    setTimeout(() => ordered.release(), 1_000).unref()
  }
}

/** Sign-outs, other users, laptops whose clock jumps, sessions that AWS ends, identities that vanish. */
async function changes(): Promise<void> {
  while (going()) {
    await pause(random() * 100)
    seen.changes++
    const tab = pick(tabs)
    const { credentials } = tab
    const what = random()
    if (what < 0.5) {
      tab.who = random() < 0.2 ? undefined : pick(NAMES)
      tab.turn++
      if (random() < 0.7) credentials.clear()
    } else if (what < 0.7) tab.skewMs = pick([0, 0, -7_200_000, 3_360_000, 7_200_000, -30_000])
    else if (what < 0.8) await credentials.refreshIdentity().catch(() => {})
    else {
      const held = await credentials().catch(() => undefined)
      try {
        if (held && what < 0.9) faults.expireSession(held.accessKeyId)
        else if (held?.identityId) faults.deleteIdentity(held.identityId)
      } catch (error) {
        // Another change came first.
        if (!(error instanceof TypeError)) throw error
      }
    }
  }
}

/** Memory after a collection, in MB, a dozen times. */
const heap: number[] = []
async function watch(): Promise<void> {
  const everyMs = (minutes * 60_000) / 12
  while (going()) {
    await pause(Math.min(everyMs, Math.max(0, endsAt - performance.now())))
    // What is ordered and not met would be counted as growth.
    globalThis.gc?.()
    heap.push(Math.round(process.memoryUsage().heapUsed / 104_857.6) / 10)
  }
}

await Promise.all([
  ...Array.from({ length: callers }, (_, index) => caller(tabs[index % tabs.length]!)),
  trouble(),
  changes(),
  watch(),
])
await pause(1_500)
await stack.stop()

// The first third is warm-up: code, caches, connections.
const third = Math.ceil(heap.length / 3)
const average = (list: readonly number[]): number =>
  list.reduce((sum, one) => sum + one, 0) / list.length
const before = average(heap.slice(third, 2 * third))
const after = average(heap.slice(2 * third))
const allowed = before * 1.2 + 5
if (!globalThis.gc) complain('started without --expose-gc')
if (after > allowed) complain(`memory grew from ${before.toFixed(1)} to ${after.toFixed(1)} MB`)
if (seen.answers < seen.calls / 4)
  complain(`only ${seen.answers} of ${seen.calls} calls were answered`)
console.log(JSON.stringify(seen))
console.log(`errors by code: ${JSON.stringify(Object.fromEntries(codes))}`)
console.log(
  `heap in MB: ${heap.join(' ')}; after warm-up ${before.toFixed(1)}, at the end ${after.toFixed(1)}`,
)
for (const [what, count] of wrong) console.log(`WRONG ${count}× ${what}`)
console.log(wrong.size === 0 ? 'ok' : 'FAILED')
process.exit(wrong.size === 0 ? 0 : 1)

/** mulberry32: the same day again for the same seed, as far as timers allow. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

import { invalidOption, type ServerClock } from '@iamfetch/core'
import { emit, settle, throwIfOver, waitInCall, type Call, type Sender } from './call.ts'
import type { DestinationOptions } from './destination.ts'
import type { FetchEvent, RetryReason } from './event.ts'
import { withinLimits } from './limits.ts'
import { refuseRedirect } from './network.ts'
import { onCallerOf } from './on-caller.ts'
import { signalOf, withOutcome } from './outcome.ts'
import type { OutgoingRequest } from './outgoing.ts'
import { isAtHand, readOutgoing } from './read-outgoing.ts'
import { checkRetry, waitBeforeReplay, type RetryOptions } from './retry.ts'
import { send } from './send.ts'
import type { CallAuthorization } from './authorization.ts'

/** What `createIamFetch` and `createTokenFetch` have in common. */
export interface AttemptOptions extends DestinationOptions {
  /** When a request is sent again. */
  retry?: RetryOptions | undefined
  /**
   * How long a call may take until the headers of its response are here, attempts and waits together, in milliseconds. A body may
   * take longer; a signal ends it. Defaults to no limit.
   */
  deadlineMs?: number | undefined
  /** Sends a request. Defaults to the platform's `fetch`, looked up at each call. */
  fetch?: typeof globalThis.fetch | undefined
  /**
   * Receives what happens, without secrets: what was signed, what is sent again and why, and the outcome of each call, which is one
   * `response` or one `error`.
   */
  onEvent?: ((event: FetchEvent) => void) | undefined
}

/**
 * Creates a `fetch` that sends each request as often as it takes and is safe, authorized again for each attempt and always for
 * the user who made the call.
 *
 * What is sent again and why is the table in docs/pages/packages/iamfetch.md.
 *
 * @param startCall  Called when a call starts, and in the same moment: it begins to read who is calling.
 */
export function attemptsWith(
  sender: Sender,
  startCall: () => CallAuthorization,
): typeof globalThis.fetch {
  const { name, options, platform, destinations, clock } = sender
  const { deadlineMs = Infinity, retry } = options
  if (!(deadlineMs > 0)) throw invalidOption(name, '"deadlineMs" must be above 0', deadlineMs)
  if (retry !== undefined) checkRetry(name, retry)

  const fetch = withOutcome(options.onEvent, async (input, init, progress) => {
    const target = destinations.resolve(input).href
    progress.url = withoutQuery(target)
    const onCaller = onCallerOf(init)
    const callersSignal = signalOf(input, init)
    if (callersSignal?.aborted) throw callersSignal.reason
    const deadline = deadlineMs < Infinity ? new AbortController() : undefined
    const call: Call = {
      sender,
      authorization: startCall(),
      progress,
      signal: deadline
        ? platform.any([deadline.signal].concat(callersSignal ?? []))
        : callersSignal,
      deadline,
      endsAt: localTime(clock) + deadlineMs,
      corrected: new Set(),
      attempt: 0,
      failures: 0,
      waited: false,
      isInFlight: false,
      response: undefined,
      isOver: false,
      endPause: undefined,
    }
    const isSimple = isAtHand(input, init)
    // Read now, as by `fetch`: the caller may change everything afterwards.
    const reading = readOutgoing(sender, target, input, init)
    reading.catch(() => {})
    return settle(call, async () => {
      const caller = await call.authorization.caller
      // For what consists of several calls and belongs to one user.
      onCaller?.(caller, fetch)
      const request = await reading
      progress.method = request.method
      call.waited = !isSimple
      return run(call, request)
    })
  })
  return fetch
}

/** What came of one attempt. `reason` is why another one may help. */
interface Outcome {
  readonly response?: Response
  readonly failure?: unknown
  readonly reason: RetryReason | undefined
}

async function run(call: Call, request: OutgoingRequest): Promise<Response> {
  for (;;) {
    const outcome = await attempt(call, request)
    const { response, failure, reason } = outcome
    const waitMs = waitBeforeNext(call, outcome)
    if (waitMs === undefined || reason === undefined) {
      if (response) return response
      throw failure
    }
    throwIfOver(call)
    call.response = undefined
    // It is not returned, and a body that is not read keeps its connection open.
    response?.body?.cancel().catch(() => {})
    emit(call, { type: 'retry', reason, waitMs })
    if (waitMs) await waitInCall(call, waitMs)
    call.waited = true
  }
}

async function attempt(call: Call, request: OutgoingRequest): Promise<Outcome> {
  const { authorization, sender, progress, corrected } = call
  call.attempt++
  const { offsetMs } = sender.clock
  const { authorized, signMs } = await authorization.authorize(request, call.waited)
  withinLimits(authorized)
  const sentAt = sender.clock.now()
  emit(call, { type: 'signed', signMs })
  const { response, failure } = await send(call, request, authorized)
  if (!response) return { failure, reason: 'network' }
  call.response = response
  authorization.onResponse?.(response.status)
  if (request.init.redirect !== 'manual') refuseRedirect(response, progress.url)
  const reason = reasonIn(response)
  if (reason || !REFUSALS.includes(response.status)) return { response, reason }
  const recovered = await authorization.recover({ response, sentAt, offsetMs, corrected })
  if (recovered === 'clock')
    emit(call, { type: 'clock-corrected', offsetMs: sender.clock.offsetMs })
  return { response, reason: recovered }
}

const REFUSALS: readonly number[] = [400, 401, 403]
const SERVER_ERRORS: readonly number[] = [500, 502, 503, 504]

function reasonIn({ status }: Response): RetryReason | undefined {
  if (status === 429) return 'throttled'
  return SERVER_ERRORS.includes(status) ? 'server-error' : undefined
}

/** How long to wait before another attempt, in milliseconds; `undefined` if there is none. */
function waitBeforeNext(call: Call, { response, reason }: Outcome): number | undefined {
  if (!reason) return undefined
  const { clock, options } = call.sender
  const leftMs = call.endsAt - localTime(clock)
  if (reason === 'token' || reason === 'clock') {
    call.corrected.add(reason)
    return leftMs > 0 ? 0 : undefined
  }
  call.failures++
  const method = reason === 'throttled' ? undefined : call.progress.method
  const waitMs = waitBeforeReplay(options.retry, call.failures, method, response, clock.now())
  return waitMs !== undefined && waitMs < leftMs ? waitMs : undefined
}

/** Local time: what is learnt of the server's time during a call must not stretch or shorten its deadline. */
const localTime = (clock: ServerClock): number => clock.now() - clock.offsetMs

const withoutQuery = (url: string): string => url.replace(/[?#].*/, '')

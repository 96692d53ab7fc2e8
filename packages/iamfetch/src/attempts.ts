import {
  backoffMs,
  IamFetchError,
  invalidOption,
  later,
  retryAfterMs,
  sleep,
  type Ending,
  type Owner,
  type ServerClock,
} from '@iamfetch/core'
import type { DestinationOptions, Destinations } from './destination.ts'
import type { AttemptEvent, FetchEvent, RetryReason } from './event.ts'
import { withinLimits } from './limits.ts'
import { networkError, refuseRedirect } from './network.ts'
import { onCallerOf, type OnCaller } from './on-caller.ts'
import { signalOf, withOutcome, type Progress } from './outcome.ts'
import type { AuthorizedRequest, OutgoingRequest } from './outgoing.ts'
import type { Platform } from './platform.ts'
import { checkRetry, type RetryOptions } from './retry.ts'

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

/** A 400, 401 or 403, and what is known of the request that it refuses. */
export interface Refused {
  readonly response: Response
  /** When the request left, by the server clock. */
  readonly sentAt: number
  /** The clock's offset that it was authorized with. */
  readonly offsetMs: number
  /** What was corrected in this call before. */
  readonly healed: ReadonlySet<RetryReason>
}

/** One call and the user whom it belongs to. */
export interface CallAuthorization {
  /** Who is calling. Resolves when the token source has been read. */
  readonly caller: Promise<Owner>
  /** Ends when nothing more may be sent for this caller. */
  readonly ended: Ending
  /** Returns the request to send, and how long signing took, without the wait for credentials. */
  readonly authorize: (
    request: OutgoingRequest,
    readAgain: boolean,
  ) => Promise<{ authorized: AuthorizedRequest; signMs: number }>
  /** Throws if the request that is about to be sent is another user's. */
  readonly check: (authorized: AuthorizedRequest) => void
  /** Is notified of the status of each response. */
  readonly onResponse?: (status: number) => void
  /** Tries to remove the reason of a refusal. @returns What was corrected; `undefined` if another attempt would be refused, too. */
  readonly heal: (refused: Refused) => Promise<'token' | 'clock' | undefined>
  /** The call is over. */
  readonly close: () => void
}

/** What does not change from call to call. */
interface Sender {
  /** The public function, for errors about its options. */
  readonly name: string
  readonly options: AttemptOptions
  readonly platform: Platform
  readonly destinations: Destinations
  readonly clock: ServerClock
}

/** A call under way. */
interface Call {
  readonly sender: Sender
  readonly authorization: CallAuthorization
  /** The allowed URL. */
  readonly target: string
  /** Aborts by the caller, and at the deadline if there is one. */
  readonly signal: AbortSignal | undefined
  /** When the deadline is, by the local clock. */
  readonly endsAt: number
  /** Receives who is calling, for a caller that makes several calls as one user. */
  readonly onCaller: OnCaller | undefined
  readonly healed: Set<RetryReason>
  /** What the outcome event reports. */
  readonly progress: Progress
  /** What the caller asked for, read once. It is signed anew for each attempt. */
  request: OutgoingRequest | undefined
  attempt: number
  failures: number
  /** The body was not there at once, so another user may have signed in. */
  waited: boolean
  /** A request is under way: what ends the call then ends only what would follow. */
  isInFlight: boolean
  /** A response that will be the result unless another attempt follows. */
  response: Response | undefined
  /** The result has been decided. Nothing more is sent. */
  isOver: boolean
  /** Ends the wait before the next attempt. `undefined` until the first wait. */
  endPause: (() => void) | undefined
}

/** What came of one attempt. `reason` is why another one may help. */
interface Outcome {
  readonly response?: Response
  readonly failure?: unknown
  readonly reason: RetryReason | undefined
}

/**
 * Creates a `fetch` that sends each request as often as it takes and is safe, authorized again for each attempt and always for
 * the user who made the call.
 *
 * What is sent again and why is the table in the README.
 *
 * @param startCall  Called when a call starts, and in the same moment: it begins to read who is calling.
 */
export function attemptsWith(
  sender: Sender,
  startCall: () => CallAuthorization,
): typeof globalThis.fetch {
  const { name, options, platform, destinations, clock } = sender
  const { deadlineMs = Infinity } = options
  if (!(deadlineMs > 0)) throw invalidOption(name, '"deadlineMs" must be above 0', deadlineMs)
  checkRetry(name, options.retry)

  return withOutcome(options.onEvent, async (input, init, progress) => {
    const target = destinations.resolve(input).href
    progress.url = withoutQuery(target)
    const callersSignal = signalOf(input, init)
    if (callersSignal?.aborted) throw callersSignal.reason
    const limit = deadlineMs < Infinity ? new AbortController() : undefined
    const call: Call = {
      sender,
      authorization: startCall(),
      target,
      signal: limit ? platform.any([limit.signal].concat(callersSignal ?? [])) : callersSignal,
      endsAt: localNow(clock) + deadlineMs,
      onCaller: onCallerOf(init),
      healed: new Set(),
      progress,
      request: undefined,
      attempt: 0,
      failures: 0,
      waited: false,
      isInFlight: false,
      response: undefined,
      isOver: false,
      endPause: undefined,
    }
    const isSimple = isAtHand(input, init)
    // What is at hand is read now, as by `fetch`: the caller may change it afterwards.
    const reading = isSimple ? readCall(call, input, init) : undefined
    reading?.catch(() => {})
    const read = (): Promise<OutgoingRequest> => reading ?? readCall(call, input, init)
    return resultOf(call, limit, deadlineMs, () => run(call, read, isSimple))
  })
}

/** Local time: what is learnt of the server's time during a call must not stretch or shorten its deadline. */
const localNow = (clock: ServerClock): number => clock.now() - clock.offsetMs

/** Runs a call and ends its wait at once on an abort, at the deadline, and when it may not be sent any more. */
function resultOf(
  call: Call,
  limit: AbortController | undefined,
  deadlineMs: number,
  work: () => Promise<Response>,
): Promise<Response> {
  const { signal, authorization } = call
  const { clock } = call.sender
  return new Promise<Response>((resolve, reject) => {
    const timer = limit && new AbortController()
    const abandon = (): void => finish(() => reject(signal?.reason))
    const stop = authorization.ended.onEnd((error) => {
      if (!call.isInFlight) finish(() => reject(error))
    })
    const finish = (settle: () => void): void => {
      if (call.isOver) return
      call.isOver = true
      timer?.abort()
      call.endPause?.()
      signal?.removeEventListener('abort', abandon)
      stop()
      authorization.close()
      settle()
    }
    signal?.addEventListener('abort', abandon)
    if (limit) {
      sleep(clock, deadlineMs, timer?.signal).then(
        () => {
          const { response } = call
          // A response that has come is not lost, whatever was still to be done about it.
          if (response) return finish(() => resolve(response))
          const error = tooLate(deadlineMs)
          // Not left to the signal: the one of React Native forgets its reason.
          finish(() => reject(error))
          limit.abort(error)
        },
        () => {},
      )
    }
    work().then(
      (response) => finish(() => resolve(response)),
      (error: unknown) => finish(() => reject(error)),
    )
  })
}

/** Reads what the caller asked for into one value. */
async function readCall(
  { sender, target }: Pick<Call, 'sender' | 'target'>,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): Promise<OutgoingRequest> {
  const { url, init: fields } = await sender.platform.read(input, init)
  // An object that changes its address must not get a signature for another origin.
  if (typeof input === 'object') sender.destinations.resolve(url)
  if (fields.mode === 'no-cors') throw noCors()
  const { method, headers, body, signal: _, redirect, ...others } = fields
  return {
    url: target,
    method,
    headers: [...new Headers(headers)],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a body that was read is text, bytes or nothing
    body: body as OutgoingRequest['body'],
    isManual: redirect === 'manual',
    others,
  }
}

async function run(
  call: Call,
  read: () => Promise<OutgoingRequest>,
  isSimple: boolean,
): Promise<Response> {
  const caller = await call.authorization.caller
  call.onCaller?.(caller)
  call.request = await read()
  call.progress.method = call.request.method
  call.waited = !isSimple
  for (;;) {
    const outcome = await attempt(call)
    const { response, failure, reason } = outcome
    const waitMs = waitBeforeNext(call, outcome)
    if (waitMs === undefined || reason === undefined) {
      if (response) return response
      throw failure
    }
    checkThatItGoesOn(call)
    call.response = undefined
    // Nobody reads it; a body that is not read would hold its connection.
    response?.body?.cancel().catch(() => {})
    emit(call, { type: 'retry', reason, waitMs })
    if (waitMs) await pause(call, waitMs)
    call.waited = true
  }
}

/** Whether the body needs no waiting: then no time passes between the read of the token and the first attempt. */
function isAtHand(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  const body: unknown = init?.body
  if (body == null) return !(typeof input === 'object' && 'body' in input && input.body != null)
  return (
    typeof body === 'string' ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof URLSearchParams
  )
}

async function attempt(call: Call): Promise<Outcome> {
  const { authorization, sender, target } = call
  const request = call.request!
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
  if (!request.isManual) refuseRedirect(response, withoutQuery(target))
  const reason = reasonIn(response)
  if (reason || !REFUSALS.includes(response.status)) return { response, reason }
  const healed = await authorization.heal({ response, sentAt, offsetMs, healed: call.healed })
  if (healed === 'clock') emit(call, { type: 'clock-corrected', offsetMs: sender.clock.offsetMs })
  return { response, reason: healed }
}

/** Sends. The last check of who is calling and the sending are one step: nothing can happen in between. */
async function send(
  call: Call,
  { method, body, others }: OutgoingRequest,
  authorized: AuthorizedRequest,
): Promise<{ response?: Response; failure?: unknown }> {
  const { authorization, sender, target, signal } = call
  const { fetch = globalThis.fetch } = sender.options
  const init: RequestInit = {
    ...others,
    method,
    headers: authorized.headers,
    ...(body != null && { body }),
    ...(signal && { signal }),
    // A redirect that is followed would carry the signature to another address.
    redirect: 'manual',
  }
  checkThatItGoesOn(call)
  authorization.check(authorized)
  call.isInFlight = true
  call.progress.requestsSent++
  let response: Response
  try {
    response = await fetch(authorized.url, init)
  } catch (error) {
    return { failure: networkError(error, `${method} ${withoutQuery(target)}`) }
  } finally {
    call.isInFlight = false
  }
  if (isResponse(response)) return { response }
  throw invalidOption(sender.name, '"fetch" must return a Response', response)
}

/** Of another realm, or of a polyfill, it is no instance of this realm's class. */
const isResponse = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'status' in value && 'headers' in value

function checkThatItGoesOn({ authorization, signal, isOver }: Call): void {
  if (authorization.ended.error) throw authorization.ended.error
  if (signal?.aborted) throw signal.reason
  if (isOver) throw new Error('The call is over.')
}

const REFUSALS: readonly number[] = [400, 401, 403]
const SERVER_ERRORS: readonly number[] = [500, 502, 503, 504]
const IDEMPOTENT: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
/** A longer wait, also one that `Retry-After` asks for, is for the caller to decide. */
const LONGEST_WAIT_MS = 20_000

function reasonIn({ status }: Response): RetryReason | undefined {
  if (status === 429) return 'throttled'
  return SERVER_ERRORS.includes(status) ? 'server-error' : undefined
}

/** How long to wait before another attempt, in milliseconds; `undefined` if there is none. */
function waitBeforeNext(call: Call, { response, reason }: Outcome): number | undefined {
  const { clock, options } = call.sender
  if (!reason) return undefined
  const leftMs = call.endsAt - localNow(clock)
  if (reason === 'token' || reason === 'clock') {
    call.healed.add(reason)
    return leftMs > 0 ? 0 : undefined
  }
  const { attempts = 3, methods = IDEMPOTENT, random } = options.retry ?? {}
  call.failures++
  if (call.failures >= attempts) return undefined
  if (reason !== 'throttled' && !methods.includes(call.progress.method)) return undefined
  const waitMs =
    retryAfterMs(response?.headers.get('retry-after'), clock.now()) ??
    backoffMs(call.failures - 1, { baseMs: 200, random })
  return waitMs <= LONGEST_WAIT_MS && waitMs < leftMs ? waitMs : undefined
}

/** Waits, but not longer than the call goes on. */
async function pause(call: Call, ms: number): Promise<void> {
  const over = new AbortController()
  call.endPause = () => over.abort()
  await sleep(call.sender.clock, ms, over.signal)
}

type OwnPart<E> = E extends unknown ? Omit<E, 'url' | 'method' | 'attempt'> : never

function emit(call: Call, event: OwnPart<AttemptEvent>): void {
  const { onEvent } = call.sender.options
  // The outcome is the last event of a call.
  if (!onEvent || call.isOver) return
  const { url, method } = call.progress
  const { attempt: number } = call
  later(() => onEvent({ url, method, attempt: number, ...event }))
}

const withoutQuery = (url: string): string => url.replace(/[?#].*/, '')

/** The error of a call that took too long. */
const tooLate = (ms: number): IamFetchError =>
  new IamFetchError(
    'DEADLINE_EXCEEDED',
    `The API did not respond within ${ms} ms ("deadlineMs").`,
    {
      remedy:
        'Check whether the request was carried out before you repeat it, or raise "deadlineMs".',
      retryable: true,
    },
  )

const noCors = (): IamFetchError =>
  new IamFetchError(
    'HEADER_NOT_SIGNABLE',
    'A request with the mode "no-cors" cannot be signed, because browsers remove its headers.',
    { remedy: 'Remove "mode", or set it to "cors".' },
  )

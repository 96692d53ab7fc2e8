import { checkOptions, invalidOption, show } from '../invalid-option.ts'

/**
 * What goes wrong with a call.
 *
 * - `throttle`: refused as AWS refuses above a rate.
 * - `refuse`: refused with the error that `refusal` names.
 * - `fail`: the response is an HTTP 500.
 * - `hang`: no response until the order is released or the client disconnects; then the normal response.
 * - `slow`: the normal response, after `delayMs`.
 * - `garbage`: HTTP 200 with a body that is not a valid response.
 * - `drop`: the connection is closed without a response.
 */
export type FaultKind = 'throttle' | 'refuse' | 'fail' | 'hang' | 'slow' | 'garbage' | 'drop'

/** An error in the words of AWS. */
export interface OrderedRefusal {
  /** For example `LimitExceededException`. */
  type: string
  message: string
  /** @default 400 for Cognito, 403 for an API */
  status?: number
}

/** A fault to come. */
export interface FaultOrder {
  fault: FaultKind
  /** How many calls it hits. @default 1 */
  times?: number
  /** For `slow`, in milliseconds. @default 1000 */
  delayMs?: number
  /** For `refuse`, where it is needed. */
  refusal?: OrderedRefusal
}

/** An order that was placed with {@link Faults.next}. */
export interface OrderedFault {
  /** How many more calls it will hit. */
  readonly left: number
  /** Resolves when the first call meets it. */
  readonly met: Promise<void>
  /** Withdraws what is left of the order, and continues every call that hangs because of it. */
  release(): void
}

/** A fault that a call has to applyFault now. */
export interface Fault {
  readonly kind: FaultKind
  readonly delayMs: number
  readonly refusal?: OrderedRefusal | undefined
  /** Resolves when a call that hangs may continue. */
  readonly released: Promise<void>
}

/** An order that is waiting for calls. */
export interface Pending extends OrderedFault {
  take(): Fault
}

const SLOW_MS = 1_000

/** By name, so that a misspelt kind is an error. */
const KINDS: Readonly<Record<FaultKind, true>> = {
  throttle: true,
  refuse: true,
  fail: true,
  hang: true,
  slow: true,
  garbage: true,
  drop: true,
}

function checkOrder(order: FaultOrder): void {
  const owner = 'faults.next'
  checkOptions(owner, order, { fault: true, times: true, delayMs: true, refusal: true })
  const { fault, times = 1, delayMs = SLOW_MS, refusal } = order
  if (!Object.hasOwn(KINDS, fault)) {
    const kinds = Object.keys(KINDS).join(', ')
    throw invalidOption(owner, `"fault" must be one of ${kinds}, got ${show(fault)}`)
  }
  if (refusal) checkOptions(owner, refusal, { type: true, message: true, status: true }, 'refusal')
  if (fault === 'refuse' && !refusal) {
    throw invalidOption(owner, '"refusal" is missing; the fault "refuse" responds with it')
  }
  if (fault !== 'refuse' && refusal) {
    throw invalidOption(owner, `"refusal" needs the fault "refuse", got ${show(fault)}`)
  }
  if (!(times >= 1)) {
    throw invalidOption(owner, `"times" must be 1 or more, got ${String(times)}`)
  }
  if (!(delayMs >= 0)) {
    throw invalidOption(owner, `"delayMs" must be 0 or more, got ${String(delayMs)}`)
  }
}

/** Places an order. */
export function placed(order: FaultOrder): Pending {
  checkOrder(order)
  const { fault: kind, times = 1, delayMs = SLOW_MS, refusal } = order
  let left = times
  let meet!: () => void
  let release!: () => void
  const met = new Promise<void>((resolve) => (meet = resolve))
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    get left() {
      return left
    },
    met,
    take() {
      left--
      meet()
      return { kind, delayMs, refusal, released }
    },
    release() {
      left = 0
      release()
    },
  }
}

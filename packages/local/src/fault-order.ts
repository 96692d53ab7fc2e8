/**
 * What goes wrong with a call.
 *
 * - `throttle`: refused as AWS refuses above a rate.
 * - `refuse`: refused with the error that `refusal` names.
 * - `fail`: answered with HTTP 500.
 * - `hang`: not answered until the order is released or the client goes away; then answered normally.
 * - `slow`: answered normally after `delayMs`.
 * - `garbage`: HTTP 200 with a body that is no answer.
 * - `drop`: the connection is closed without an answer.
 */
export type FaultKind = 'throttle' | 'refuse' | 'fail' | 'hang' | 'slow' | 'garbage' | 'drop'

/** An error in the words of AWS. */
export interface OrderedRefusal {
  /** `LimitExceededException` say. */
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
  /** Withdraws what is left of it and lets every call that hangs in it go on. */
  release(): void
}

/** A fault that a call has to suffer now. */
export interface Fault {
  readonly kind: FaultKind
  readonly delayMs: number
  readonly refusal?: OrderedRefusal | undefined
  /** Resolves when a call that hangs may go on. */
  readonly released: Promise<void>
}

/** An order that is waiting for calls. */
export interface Pending extends OrderedFault {
  take(): Fault
}

const SLOW_MS = 1_000

/** Places an order. */
export function placed({
  fault: kind,
  times = 1,
  delayMs = SLOW_MS,
  refusal,
}: FaultOrder): Pending {
  if ((kind === 'refuse') !== !!refusal)
    throw new TypeError("faults: 'refuse' and refusal go together")
  if (!(times >= 1)) throw new TypeError(`faults: times has to be 1 or more, not ${times}`)
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

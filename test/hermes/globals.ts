// The globals that React Native adds to Hermes, as small as the suite needs them. Bodies are in
// bodies.ts. `Headers`, `Request`, `Response` and `AbortController` are React Native's own: whatwg-fetch and abort-controller.
// There is no `URL`, no `TextEncoder` and no `crypto`.
//
// Timers run in virtual time: the timers of the command-line VM ignore the delay.

interface Timer {
  readonly id: number
  readonly at: number
  readonly run: () => void
}

/** 2026-01-01: the time of the network. The device's clock is what a check makes of it. */
let time = Date.UTC(2026, 0, 1)
let lastId = 0
let timers: readonly Timer[] = []
const nativeSetTimeout = globalThis.setTimeout

/** The virtual time in milliseconds since the epoch. */
export const now = (): number => time

// One timer for each turn of the engine's own queue, so that all promise jobs run in between.
function runNext(): void {
  // oxlint-disable-next-line unicorn/no-array-sort -- Hermes has no toSorted
  const [next, ...rest] = [...timers].sort((one, other) => one.at - other.at || one.id - other.id)
  if (!next) return
  timers = rest
  time = Math.max(time, next.at)
  next.run()
}

/** What Hermes 0.12 lacks of the language, and a current Hermes has. */
export const missing: string[] = []
if (!('at' in Array.prototype)) {
  missing.push('Array.prototype.at')
  // oxlint-disable-next-line no-extend-native -- as a polyfill does
  Object.defineProperty(Array.prototype, 'at', {
    value(this: unknown[], index: number) {
      return this[index < 0 ? this.length + index : index]
    },
  })
}

const globals: object = {
  setTimeout(run: () => void, delayMs = 0) {
    timers = [...timers, { id: ++lastId, at: time + delayMs, run }]
    nativeSetTimeout(runNext, 0)
    return lastId
  },
  clearTimeout(id: number) {
    timers = timers.filter((timer) => timer.id !== id)
  },
  performance: { now: () => time },
  // What is printed is the report, and nothing else.
  console: { log() {}, warn() {}, error() {}, assert() {} },
}
Object.assign(globalThis, globals)

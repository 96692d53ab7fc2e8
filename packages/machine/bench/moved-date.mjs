const RealDate = Date
let aheadMs = 0

/**
 * Lets a benchmark move the time of the whole process: whatever a library reads, it reads from `Date`. Timers run
 * as they always do. To be called before any library is imported.
 */
export function makeDateMovable() {
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length ? args : [RealDate.now() + aheadMs]))
    }
    static now() {
      return RealDate.now() + aheadMs
    }
  }
}

/** Moves the time on. */
export const pass = (ms) => {
  aheadMs += ms
}

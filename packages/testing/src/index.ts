export { withGlobal } from './with-global.ts'
export { cpuMs } from './cpu-time.ts'
export { fakeFetch, fetchOf, type FakeFetch, type Seen } from './fake-fetch.ts'
export { fixedClock, type FixedClock } from './fixed-clock.ts'

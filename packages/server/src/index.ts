export { callerKey, type Caller, type Proof } from './caller.ts'
export { readBoolean, readClaims, readSeconds, type Claims } from './claims.ts'
export { identityHeader, type EventShape } from './evidence.ts'
export { callerGate, type Admission, type GateOptions } from './gate.ts'
export { readList, type ListText } from './lists.ts'
export type {
  CallerOptions,
  KeySet,
  Owner,
  TrustedLoadBalancer,
  TrustedUserPool,
} from './options.ts'
export {
  isRefusal,
  refusalAnswer,
  refusalResponse,
  type Answer,
  type RefusalCode,
  type RefusalOptions,
  type RefusalResponse,
} from './refusal.ts'
export { resolveCaller } from './resolve.ts'
export type { ResponseStream } from './response-stream.ts'
export { withCaller } from './with-caller.ts'

export type { Caller, Proof } from './caller.ts'
export {
  readBoolean,
  readClaims,
  readList,
  readSeconds,
  type Claims,
  type ListText,
} from './claims.ts'
export type { EventShape } from './events.ts'
export { callerGate, type Admission, type GateOptions } from './gate.ts'
export { identityHeader } from './from-signature.ts'
export {
  isRefusal,
  refusalAnswer,
  refusalResponse,
  type Answer,
  type RefusalCode,
  type RefusalOptions,
  type RefusalResponse,
} from './refusal.ts'
export { withCaller } from './with-caller.ts'
export { resolveCaller } from './resolve.ts'
export type { CallerOptions, KeySet, Owner, TrustedLoadBalancer, TrustedUserPool } from './trust.ts'

import type { ErrorCode } from '@iamfetch/core'
import type { Refusal, RefusalCode } from '../refusal.ts'
import type { Difference } from './mismatch.ts'

/** The kind of the API that sent a response. `service` is one of AWS's own, such as S3, or AppSync or VPC Lattice. */
export type ApiKind = 'rest' | 'http' | 'lambda-url' | 'service' | 'unknown'

/** A setting to copy: where it belongs, and its text. */
export interface Setting {
  where: string
  text: string
}

/** Why a call was refused, who is responsible, and what to do. It contains no token and no secret. */
export interface Explanation {
  code: RefusalCode | ErrorCode | 'ANSWERED' | 'HIDDEN_BY_CORS' | 'UNREACHABLE'
  /** What happened, in a sentence for a person. */
  message: string
  /** What to do, the most likely first. */
  remedy: readonly string[]
  /** Where to look first. */
  responsible: 'device' | 'session' | 'caller' | 'proxy' | 'policy' | 'api' | 'network' | 'unknown'
  /** Settings of the gateway, as text to copy, that make a hidden reason visible. */
  settings?: readonly Setting[]
  /** The kind of the API, as far as its headers tell. */
  api: ApiKind
  /** The rule that refused, in AWS's words: error type and the start of the message. */
  rule: string
  /** For a signature mismatch whose canonical request the gateway showed: every line that differs. */
  differences?: readonly Difference[]
  /** For a denial: the role that called, and the one that was expected to. */
  role?: { assumed: string; expected?: string }
  /** What was checked and is not the reason. */
  ruledOut: readonly string[]
  /** What may be the reason, if the gateway does not say it. */
  suspects: readonly string[]
  /** What `code` would be if the gateway reported the reason, as the local stack does. */
  hidden?: RefusalCode
  /** What `describeRefusal` reads in the response. */
  refusal?: Refusal
}

/** The part of an explanation that differs between the kinds of refusals. */
export type ExplanationPart = Pick<Explanation, 'message' | 'responsible' | 'remedy'> &
  Pick<Partial<Explanation>, 'differences' | 'role' | 'hidden'>

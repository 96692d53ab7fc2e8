import type { ErrorCode } from '@iamfetch/core'
import type { Refusal, RefusalCode } from '../refusal.ts'
import type { Difference } from './mismatch.ts'

/** What kind of API an answer comes from. */
export type ApiKind = 'rest' | 'http' | 'lambda-url' | 'unknown'

/** A setting to copy: where it belongs, and its text. */
export interface Setting {
  where: string
  text: string
}

/** Why a call was refused, whose fault it is, what to change. No token and no secret is in it. */
export interface Explanation {
  code: RefusalCode | ErrorCode | 'ANSWERED' | 'HIDDEN_BY_CORS' | 'UNREACHABLE'
  /** What happened, for a person. */
  why: string
  /** Where to look first. */
  whose: 'device' | 'session' | 'caller' | 'proxy' | 'policy' | 'api' | 'network' | 'unknown'
  /** What to change, the likeliest first. */
  change: readonly string[]
  /** What to change, as text to copy: the gateway's settings that make a hidden reason visible. */
  settings?: readonly Setting[]
  /** What answered, as far as its headers tell. */
  api: ApiKind
  /** The rule that refused, in AWS's words: error type and the start of the message. */
  rule: string
  /** For a signature mismatch whose canonical request the gateway showed: every line that differs. */
  differences?: readonly Difference[]
  /** For a denial: the role that called, and the one that should have. */
  role?: { assumed: string; expected?: string }
  /** What can be ruled out from here. Where the gateway hides the reason, this is what is left of the search. */
  ruledOut: readonly string[]
  /** What may have been the reason where the gateway does not say. */
  suspects: readonly string[]
  /** What `code` would be if the gateway told. The local stack does. */
  hidden?: RefusalCode
  /** What `describeRefusal` reads in the answer. */
  refusal?: Refusal
}

/** The part of an explanation that one kind of refusal has of its own. */
export type ExplanationPart = Pick<Explanation, 'why' | 'whose' | 'change'> &
  Pick<Partial<Explanation>, 'differences' | 'role' | 'hidden'>

import type { Ending, Owner } from '@iamfetch/core'
import type { RetryReason } from './event.ts'
import type { AuthorizedRequest, OutgoingRequest } from './outgoing.ts'

/** A 400, 401 or 403, and what is known of the request that it refuses. */
export interface Refused {
  readonly response: Response
  /** When the request left, by the server clock. */
  readonly sentAt: number
  /** The clock's offset that it was authorized with. */
  readonly offsetMs: number
  /** What was corrected in this call before. */
  readonly corrected: ReadonlySet<RetryReason>
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
  readonly recover: (refused: Refused) => Promise<'token' | 'clock' | undefined>
  /** Must be called when the call has ended. */
  readonly close: () => void
}

import type { OnCode } from './cognito-user-pool/verification-codes.ts'
import type { StackDefinition } from './definition/definition.ts'
import type { Faults } from './faults/faults.ts'
import type { Memory } from './memory.ts'
import type { Random } from './random.ts'

/** The options that the user pool and the identity pool of a stack are created from. */
export interface CognitoOptions {
  definition: Omit<StackDefinition, 'apis'>
  /** The ID of each API by its name, for `API_ID` in policies. @default {} */
  apiIds?: Readonly<Record<string, string>>
  /** Also brings the clock. */
  faults: Faults
  /** @default the operating system's */
  random?: Random
  /** Receives the codes that AWS would send by mail. Defaults to {@link printCode}. */
  onCode?: OnCode | undefined
  /** What an earlier stack of this region and account knew. */
  memory?: Memory | undefined
}

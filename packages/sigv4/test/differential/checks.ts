import { awsSdk } from './aws-sdk.ts'
import { aws4fetch } from './aws4fetch.ts'
import { compareAsSent } from './as-sent.ts'
import { compare, type Oracle } from './oracle.ts'
import type { Case } from './requests.ts'
import { smithy } from './smithy.ts'

/** One way to check a signature with another library. */
export interface Check {
  readonly name: string
  /** Its part of all cases, in percent. */
  readonly percent: number
  /** How many of its cases have to be compared, the rest being known mistakes of the oracle, in percent. */
  readonly comparedPercent: number
  /** Throws when there is a difference, and gives the oracle's mistake where that is what differs. */
  run(one: Case): Promise<string | undefined>
}

/** Those whose signatures ours are compared with. */
export const ORACLES: readonly Oracle[] = [smithy, aws4fetch, awsSdk]

const LEAST_COMPARED = new Map([
  [smithy, 95],
  [aws4fetch, 80],
  [awsSdk, 65],
])

/** All of them. */
export const CHECKS: readonly Check[] = [
  ...ORACLES.flatMap((oracle) =>
    (['headers', 'query'] as const).map((form): Check => {
      return {
        name: `${oracle.name}, ${form}`,
        percent: oracle === smithy ? 25 : 10,
        comparedPercent: LEAST_COMPARED.get(oracle) ?? 100,
        run: (one) => compare(oracle, form, form === 'query' ? presignable(one) : one),
      }
    }),
  ),
  {
    name: 'createSigner as sent, by @smithy/signature-v4',
    percent: 10,
    comparedPercent: 100,
    run: compareAsSent,
  },
]

/** A request to VPC Lattice, which cannot be presigned, as one to a function URL. */
function presignable(one: Case): Case {
  if (one.context.service !== 'vpc-lattice-svcs') return one
  return { ...one, context: { ...one.context, service: 'lambda' } }
}

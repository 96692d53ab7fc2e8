import type { Parts, SigningContext } from '@iamfetch/sigv4'

/** The input of a run of the suite. JSON, so that it reaches every engine. */
export interface Setup {
  /** The signing test suite of AWS. */
  vectors: readonly Vector[]
  region: string
  identityPoolId: string
  cognitoIdentity: string
  /** An HTTP API: `/test` is guarded by IAM (alice may POST, bob may not), `/claims` takes ID tokens. */
  api: string
  idTokens: { alice: string; bob: string }
  /** Of the pages, with the user pool's `/oauth2/token`. `/premium` of the API takes what that mints. */
  origin: string
  appClient: { clientId: string; clientSecret: string }
}

/** One case of AWS's suite, with what has to come out. */
export interface Vector {
  name: string
  parts: Parts
  context: Omit<SigningContext, 'at'> & { at: string }
  signBody: boolean
  header: Expected
  query: Expected
}

/** What AWS's suite says of one case in one form. */
export interface Expected {
  canonicalRequest: string
  stringToSign: string
  signature: string
}

/** What a column of the matrix is about. */
export type Group = 'vectors' | 'hash' | 'exchange' | 'signed call' | 'token call'

/** The outcome of one check. */
export interface Check {
  group: Group
  name: string
  /** Left out where it passed. */
  error?: string
  /** What the platform cannot do, where the check could only show that it is said clearly. */
  note?: string
}

/** Runs one check and notes what came of it. */
export async function check(
  done: Check[],
  group: Group,
  name: string,
  run: () => string | void | Promise<string | void>,
): Promise<void> {
  try {
    const note = await run()
    done.push({ group, name, ...(note && { note }) })
  } catch (error) {
    const { code, remedy } = Object(error) as { code?: string; remedy?: string }
    done.push({ group, name, error: [String(error), code, remedy].filter(Boolean).join(' | ') })
  }
}

/** Compares by JSON. */
export function same(actual: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (one !== other) throw new Error(`${one} instead of ${other}`)
}

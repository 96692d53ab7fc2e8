import type { Credentials, CredentialsProvider } from '@iamfetch/core'
import { fixedClock } from '@iamfetch/testing/clock'

/** An API on an AWS host: its region is in the name. */
export const API = 'https://abc123.execute-api.eu-central-1.amazonaws.com'

/** Credentials that can be told apart by `name`; they live for an hour. */
export const credentialsOf = (name: string, expiration?: Date): Credentials => ({
  accessKeyId: `ASIA${name}`,
  secretAccessKey: `secret-${name}`,
  sessionToken: `session-${name}`,
  ...(expiration && { expiration }),
})

/** The same, their secrets hidden from printing and copying as those of `cognitoCredentials` are. */
export function hiddenCredentialsOf(name: string): Credentials {
  const { secretAccessKey, sessionToken = '', ...shown } = credentialsOf(name)
  return Object.defineProperties(Object.assign({ secretAccessKey, sessionToken }, shown), {
    secretAccessKey: { enumerable: false },
    sessionToken: { enumerable: false },
  })
}

/** A provider with a cache of its own, as `cognitoCredentials` is one, and how often it had to exchange. */
export function caching(names: readonly string[] = ['A', 'B', 'C', 'D', 'E']): {
  provider: CredentialsProvider
  exchanges: () => number
} {
  let held: Credentials | undefined
  let exchanges = 0
  const provider = Object.assign(
    async () => (held ??= credentialsOf(names[exchanges++] ?? 'last')),
    {
      invalidate(refused: Credentials) {
        if (held === refused) held = undefined
      },
    },
  )
  return { provider, exchanges: () => exchanges }
}

/** A clock whose sleeps end at once. */
export const quickClock = (): ReturnType<typeof fixedClock> =>
  fixedClock(undefined, { autoSleep: true })

/** What a REST API says to `reason`. */
export const refusal = (message: string, headers: Record<string, string> = {}): Response =>
  Response.json({ message }, { status: 403, headers })

/** The access key that signed a request. */
export const signedBy = (headers: Headers): string | undefined =>
  /Credential=(\w+)/.exec(headers.get('authorization') ?? '')?.[1]

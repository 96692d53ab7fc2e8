// The Lambda functions of the provider: the local stack calls them, a deployment bundles this file. They are
// async, because Lambda waits for a promise.

interface Answer {
  message: string
}

/** `GET /premium`. The gateway has checked the token and its scope. */
export const read = async (): Promise<Answer> => ({ message: 'Premium Content: OAuth Scope: Read' })

/** `POST /premium`. */
export const write = async (): Promise<Answer> => ({
  message: 'Premium Content: OAuth Scope: Write',
})

// The Lambda functions of the provider: the local stack calls them, a deployment bundles this file.

interface Answer {
  message: string
}

/** `GET /premium`. The gateway has checked the token and its scope. */
export const read = (): Answer => ({ message: 'Premium Content: OAuth Scope: Read' })

/** `POST /premium`. */
export const write = (): Answer => ({ message: 'Premium Content: OAuth Scope: Write' })

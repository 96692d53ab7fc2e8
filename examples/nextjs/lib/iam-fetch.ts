import { createHash } from 'node:crypto'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { config } from './config'

/**
 * The fetch of each user who was here lately, so that a user's session credentials are exchanged once an hour and not
 * once a request. The key is the whole token, never a claim in it: the token comes from a cookie, and a caller who
 * wrote another user's `sub` into a forged token would receive that user's credentials.
 */
const fetches = new Map<string, typeof fetch>()

/** How many users are kept. */
const MOST = 500

/** Returns the fetch that signs as the user of this ID token, and as no other user. */
export function iamFetchFor(idToken: string): typeof fetch {
  const key = createHash('sha256').update(idToken).digest('base64')
  const found = fetches.get(key) ?? makeFetch(idToken)
  // The one that was used last is the last to go.
  fetches.delete(key)
  fetches.set(key, found)
  const [oldest] = fetches.keys()
  if (fetches.size > MOST && oldest !== undefined) fetches.delete(oldest)
  return found
}

function makeFetch(idToken: string): typeof fetch {
  const { region, identityPoolId, apis, endpoints } = config()
  // Next.js keeps what its own fetch brings where a page or a call says so, on disk too. What was answered to a
  // signature is for one user.
  const uncached: typeof fetch = (input, init) => fetch(input, { ...init, cache: 'no-store' })
  return createIamFetch({
    baseUrl: apis.http.url,
    region,
    fetch: uncached,
    credentials: cognitoCredentials({
      identityPoolId,
      endpoint: endpoints.cognitoIdentity,
      idToken: async () => idToken,
      fetch: uncached,
    }),
  })
}

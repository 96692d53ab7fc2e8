import { iamFetchFor } from '../lib/iam-fetch'
import { idTokenOfRequest } from '../lib/session'

/** A server component: the call is signed on the server, as the user whose request this is. */
export default async function Page() {
  const idToken = await idTokenOfRequest()
  if (!idToken) {
    return (
      <p>
        Nobody is signed in. <a href="/sign-in">Sign in</a>
      </p>
    )
  }
  const response = await iamFetchFor(idToken)('/test')
  const { role } = (await response.json()) as { role?: string }
  return (
    <>
      <p>
        GET /test: {response.status}, called as <strong data-role={role}>{role}</strong>
      </p>
      <a href="/sign-out">Sign out</a>
    </>
  )
}

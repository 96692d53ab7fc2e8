import { iamFetchFor } from '../lib/iam-fetch'
import { idTokenOfRequest } from '../lib/session'

/** A server component: the call is signed on the server, as the user whose request this is. */
export default async function Page() {
  const idToken = await idTokenOfRequest()
  if (!idToken) {
    return (
      <main>
        <p>
          No user is signed in. For a signed-in user, this server calls <code>GET /test</code> with
          the permissions of the role of the user’s group.
        </p>
        <a className="primary" href="/sign-in">
          Sign in
        </a>
      </main>
    )
  }
  const { ok, status, ...response } = await called(idToken)
  return (
    <main className={ok ? 'allowed' : 'refused'}>
      <p className="call">
        <code>GET /test</code>
        <b>
          {status} {ok ? 'allowed' : 'refused'}
        </b>
      </p>
      {response.role && (
        <p>
          Called by this server as{' '}
          <strong className="role" data-role={response.role}>
            {response.role}
          </strong>
        </p>
      )}
      <a href="/sign-out">Sign out</a>
    </main>
  )
}

async function called(idToken: string): Promise<{ ok: boolean; status: number; role?: string }> {
  const response = await iamFetchFor(idToken)('/test')
  const { ok, status } = response
  return ok ? { ok, status, ...((await response.json()) as { role?: string }) } : { ok, status }
}

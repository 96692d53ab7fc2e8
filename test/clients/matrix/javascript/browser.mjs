// A browser for the sign-in of a web app: it keeps the cookies of the app.
import { expect, signInAt } from './harness.mjs'

const APP = 'http://localhost:3000'

/**
 * Signs alice in with a web app that is built on Auth.js or next-auth.
 *
 * @param handle  Takes a web Request, responds with a web Response.
 * @returns The session as the app's own page sees it.
 */
export async function signInWithApp(handle) {
  const cookies = new Map()
  const call = async (path, form) => {
    const headers = { cookie: [...cookies].map((one) => one.join('=')).join('; ') }
    const body = form && new URLSearchParams(form)
    const method = form ? 'POST' : 'GET'
    const response = await handle(new Request(new URL(path, APP), { method, headers, body }))
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)
      cookies.set(name, value)
    }
    return response
  }
  const { csrfToken } = await (await call('/api/auth/csrf')).json()
  const started = await call('/api/auth/signin/cognito', { csrfToken, callbackUrl: APP })
  const callback = await signInAt(started.headers.get('location'))
  const done = await call(callback)
  expect([done.status, new URL(done.headers.get('location')).origin], [302, APP])
  if (done.headers.get('location').includes('error')) throw new Error(done.headers.get('location'))
  return (await call('/api/auth/session')).json()
}

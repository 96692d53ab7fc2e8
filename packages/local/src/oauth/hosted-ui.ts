import type { Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Clock } from '../faults.ts'
import type { NodeBindings } from '../identity/aws-json.ts'
import { drawText, LOWER, UPPER, type Random } from '../identity/random.ts'
import type { SignIns } from '../identity/sign-ins.ts'
import type { TokenKey } from '../identity/tokens.ts'
import type { Directory, User } from '../identity/users.ts'
import type { Codes } from './codes.ts'
import { readAuthorization, type Authorization, type HostedClient } from './hosted-client.ts'
import { errorPage, signInPage } from './sign-in-page.ts'

/** What the pages of a user pool's domain are made of. */
export interface HostedUi {
  client: HostedClient
  codes: Codes
  directory: Directory
  signIns: SignIns
  key: TokenKey
  clock: Clock
  random: Random
}

/** Cognito's life of the session cookie. */
const SESSION_SECONDS = 3_600
/** As on AWS. */
const COOKIE = 'cognito'

/**
 * Serves what a browser meets at a user pool's domain: `/oauth2/authorize`, `/login`, `/logout`; and for apps
 * `/oauth2/userInfo` and `/oauth2/revoke`.
 *
 * Whoever signed in within the hour is not asked again, until `/logout` or with `prompt=login`. An error page stands
 * where AWS redirects to `/error?error=…`.
 *
 * @see [AWS: user pool endpoints](https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html)
 */
export function serveHostedUi(app: Hono<NodeBindings>, hosted: HostedUi): void {
  const { client, codes, directory, signIns, key, clock, random } = hosted
  const sessions = new Map<string, { user: User; endsAt: number }>()

  const sessionOf = (c: Context): User | undefined => {
    const session = sessions.get(getCookie(c, COOKIE) ?? '')
    return session && clock.now() < session.endsAt ? session.user : undefined
  }
  const authorize = (user: User, authorization: Authorization): Response => {
    const code = codes.open({ user, authorization })
    return redirect(authorization.redirectUri, { code, state: authorization.state })
  }
  /** Reads the request of a page, or answers it. */
  const authorizationOf = (c: Context): Authorization | Response => {
    const read = readAuthorization(new URL(c.req.url).searchParams, client)
    if (!('error' in read)) return read
    const { error, reason, redirectUri, state } = read
    return redirectUri === undefined
      ? html(400, errorPage(error, reason), reason)
      : redirect(redirectUri, { error, state }, reason)
  }

  app.get('/oauth2/authorize', (c) => {
    const read = authorizationOf(c)
    if (read instanceof Response) return read
    const user = sessionOf(c)
    if (user && !read.prompt.includes('login')) return authorize(user, read)
    if (read.prompt.includes('none')) {
      return redirect(read.redirectUri, { error: 'login_required', state: read.state })
    }
    return new Response(null, {
      status: 302,
      headers: { location: `/login${new URL(c.req.url).search}`, 'cache-control': 'no-store' },
    })
  })
  app.get('/login', (c) => {
    const read = authorizationOf(c)
    return read instanceof Response ? read : html(200, signInPage())
  })
  app.post('/login', async (c) => {
    const read = authorizationOf(c)
    if (read instanceof Response) return read
    const form = new URLSearchParams(await c.req.text())
    const username = form.get('username') ?? ''
    const user = directory.find(username)
    const right = directory.hasPassword(
      user ?? directory.stranger(username),
      form.get('password') ?? '',
    )
    if (!user || !right) {
      const problem = 'Incorrect username or password.'
      return html(400, signInPage({ username, problem }))
    }
    const session = drawText(random, LOWER + UPPER, 40)
    sessions.set(session, { user, endsAt: clock.now() + SESSION_SECONDS * 1_000 })
    const answer = authorize(user, read)
    setCookie(c, COOKIE, session, {
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: SESSION_SECONDS,
    })
    return c.newResponse(null, 302, Object.fromEntries(answer.headers))
  })
  app.get('/logout', (c) => {
    sessions.delete(getCookie(c, COOKIE) ?? '')
    const query = new URL(c.req.url).searchParams
    const { clientId, logoutUrls } = client
    const uri = query.get('logout_uri')
    if (query.get('client_id') !== clientId) {
      const reason = 'client_id is not the app client of this stack'
      return html(400, errorPage('invalid_request', reason), reason)
    }
    if (uri === null) {
      // The other form: it goes on to the sign-in, by which every parameter is checked.
      const read = authorizationOf(c)
      if (read instanceof Response) return read
      return redirect(new URL(`/login${new URL(c.req.url).search}`, c.req.url).href, {})
    }
    if (!logoutUrls.includes(uri)) {
      const reason = `logout_uri is none of hostedUi.logoutUrls: ${logoutUrls.join(', ')}`
      return html(400, errorPage('redirect_mismatch', reason), reason)
    }
    return redirect(uri, {})
  })

  app.on(['GET', 'POST'], '/oauth2/userInfo', async (c) => {
    const [, token = ''] = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const claims = await key.verify(token)
    const signedIn = signIns.find(claims?.origin_jti)
    if (
      claims?.token_use !== 'access' ||
      clock.now() / 1_000 >= (claims.exp ?? 0) ||
      !signedIn ||
      !signedIn.scopes?.includes('openid')
    ) {
      // unverified: the texts.
      const refused = { error: 'invalid_token', error_description: 'Access token is not valid.' }
      const challenge = `Bearer error="${refused.error}", error_description="${refused.error_description}"`
      return json(401, refused, { 'www-authenticate': challenge })
    }
    const { user } = signedIn
    return json(200, { sub: user.sub, ...user.attributes, username: user.username })
  })
  app.post('/oauth2/revoke', async (c) => {
    const form = new URLSearchParams(await c.req.text())
    const token = form.get('token') ?? ''
    if (form.get('client_id') !== client.clientId || token === '') {
      return json(400, { error: token === '' ? 'invalid_request' : 'invalid_client' })
    }
    if (!signIns.revoke(token) && (await key.verify(token))) {
      return json(400, { error: 'unsupported_token_type' })
    }
    return new Response(null, { status: 200 })
  })
}

function redirect(
  to: string,
  parameters: Record<string, string | undefined>,
  reason?: string,
): Response {
  const url = new URL(to)
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return new Response(null, {
    status: 302,
    headers: { location: url.href, 'cache-control': 'no-store', ...reasonHeader(reason) },
  })
}

const html = (status: number, text: string, reason?: string): Response =>
  new Response(text, {
    status,
    headers: {
      'content-type': 'text/html;charset=UTF-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
      ...reasonHeader(reason),
    },
  })

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
  })

const reasonHeader = (reason: string | undefined): Record<string, string> =>
  reason === undefined ? {} : { 'x-local-reason': reason.replace(/[^\x20-\x7e]/g, '?') }

import type { Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { Clock } from '../faults/faults.ts'
import type { NodeBindings } from '../aws-json/aws-json.ts'
import { formOf } from '../http/request-body.ts'
import { drawText, LOWER, UPPER, type Random } from '../random.ts'
import { stillEnabled, type Directory, type User } from '../cognito-user-pool/users.ts'
import { headerText } from '../http/printable.ts'
import { refused, type Result } from '../result.ts'
import type { Codes } from './codes.ts'
import { createFormTokens, type FormTokens } from './form-tokens.ts'
import {
  NOT_A_HOSTED_CLIENT,
  readAuthorization,
  type Authorization,
  type FindHostedClient,
} from './hosted-client.ts'
import { errorPage, signInPage, type SignInPage } from './sign-in-page.ts'

/** The parts that the pages of a user pool's domain are created from. */
export interface HostedUi {
  /** Whether there is an app client that people may sign in with. Without one there are no pages. */
  isServed: () => boolean
  client: FindHostedClient
  codes: Codes
  directory: Directory
  clock: Clock
  random: Random
}

const GET_ALONE = 'the authorize endpoint takes GET alone'
/** Cognito's life of the session cookie. */
const SESSION_SECONDS = 3_600
/** As on AWS, like the field `_csrf` of the form. */
const COOKIE = 'cognito'
const BROWSER_COOKIE = 'XSRF-TOKEN'
/** Not for scripts, and not for what another site sends in the background. */
const HIDDEN = { httpOnly: true, sameSite: 'Lax', path: '/' } as const

/**
 * Serves the pages of a user pool's domain: `/oauth2/authorize`, `/login`, `/logout`.
 *
 * A browser that signed in within the hour does not see the form again, until `/logout` or with `prompt=login`. An error page is shown
 * where AWS redirects to `/error?error=…`.
 *
 * @see [AWS: user pool endpoints](https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-userpools-server-contract-reference.html)
 */
export function serveHostedUi(app: Hono<NodeBindings>, hosted: HostedUi): void {
  const forms = createFormTokens(hosted.clock, hosted.random)
  const pages: Pages = { ...hosted, forms, sessions: new Map() }
  for (const path of ['/oauth2/authorize', '/login', '/logout']) {
    app.use(path, (c, next) => (hosted.isServed() ? next() : Promise.resolve(c.notFound())))
  }
  app.get('/oauth2/authorize', (c) => authorize(pages, c))
  // Cognito's page: GET alone. unverified: the status.
  app.on(['POST', 'PUT', 'PATCH', 'DELETE'], '/oauth2/authorize', () =>
    html(405, errorPage('invalid_request', GET_ALONE), GET_ALONE),
  )
  app.get('/login', (c) => {
    const read = authorizationOf(pages, c)
    if (!read.ok) return read.refusal
    const username = c.req.query('login_hint')
    return showForm(pages, c, 200, username === undefined ? {} : { username })
  })
  app.post('/login', (c) => signIn(pages, c))
  app.get('/logout', (c) => signOut(pages, c))
}

/** The pages with what they remember. */
interface Pages extends HostedUi {
  /** Browsers that signed in, by their cookie. */
  sessions: Map<string, { user: User; endsAt: number }>
  forms: FormTokens
}

function authorize(pages: Pages, c: Context): Response {
  const read = authorizationOf(pages, c)
  if (!read.ok) return read.refusal
  const { prompt, redirectUri, state } = read.value
  const user = sessionOf(pages, c)
  if (user && !prompt.includes('login')) return redirectWithCode(pages, user, read.value)
  if (prompt.includes('none')) return redirect(redirectUri, { error: 'login_required', state })
  return new Response(null, {
    status: 302,
    headers: { location: `/login${new URL(c.req.url).search}`, 'cache-control': 'no-store' },
  })
}

async function signIn(pages: Pages, c: Context): Promise<Response> {
  const { directory, clock, random, sessions, forms } = pages
  const read = authorizationOf(pages, c)
  if (!read.ok) return read.refusal
  const form = await formOf(c.req.raw)
  const browser = getCookie(c, BROWSER_COOKIE) ?? ''
  if (!forms.take(form.get('_csrf') ?? '', browser, new URL(c.req.url).search)) {
    const problem = 'This form was used, is too old, or is not from this page. Please try again.'
    const reason = 'the form has no _csrf of this browser and request'
    return showForm(pages, c, 403, { problem }, reason)
  }
  const username = form.get('username') ?? ''
  const user = directory.findForSignIn(username)
  const password = form.get('password') ?? ''
  const right = directory.hasPassword(user ?? directory.unknownUser(username), password)
  if (!user || !right) {
    return showForm(pages, c, 400, { username, problem: 'Incorrect username or password.' })
  }
  if (!user.enabled || user.status !== 'CONFIRMED') {
    const reason = user.enabled
      ? `the status of the user is ${user.status}`
      : 'the user is disabled'
    const problem = `This user cannot sign in here: ${reason}.`
    return showForm(pages, c, 400, { username, problem }, reason)
  }
  sessions.delete(getCookie(c, COOKIE) ?? '')
  const session = drawText(random, LOWER + UPPER, 40)
  sessions.set(session, { user, endsAt: clock.now() + SESSION_SECONDS * 1_000 })
  const response = redirectWithCode(pages, user, read.value)
  setCookie(c, COOKIE, session, { ...HIDDEN, maxAge: SESSION_SECONDS })
  return c.newResponse(null, 302, Object.fromEntries(response.headers))
}

function signOut(pages: Pages, c: Context): Response {
  const query = new URL(c.req.url).searchParams
  const uri = query.get('logout_uri')
  const client = pages.client(query.get('client_id') ?? '')
  if (!client) {
    return html(400, errorPage('invalid_request', NOT_A_HOSTED_CLIENT), NOT_A_HOSTED_CLIENT)
  }
  const { logoutUrls } = client
  if (uri === null) {
    // The other form: it continues with the sign-in, which checks every parameter.
    const read = authorizationOf(pages, c)
    if (!read.ok) return read.refusal
    return endSession(pages, c, new URL(`/login${new URL(c.req.url).search}`, c.req.url).href)
  }
  if (!logoutUrls.includes(uri)) {
    const reason = `logout_uri is not one of the logout URLs of the app client: ${logoutUrls.join(', ')}`
    return html(400, errorPage('redirect_mismatch', reason), reason)
  }
  return endSession(pages, c, uri)
}

/** A GET, as on AWS. Another site's page can lead here, but its pictures and frames bring no cookie. */
function endSession({ sessions }: Pages, c: Context, to: string): Response {
  sessions.delete(getCookie(c, COOKIE) ?? '')
  setCookie(c, COOKIE, '', { ...HIDDEN, maxAge: 0 })
  return c.newResponse(null, 302, Object.fromEntries(redirect(to, {}).headers))
}

/** Signing the user out everywhere does not end it (unverified). */
function sessionOf({ sessions, clock, directory }: Pages, c: Context): User | undefined {
  const session = sessions.get(getCookie(c, COOKIE) ?? '')
  if (!session || clock.now() >= session.endsAt) return undefined
  return stillEnabled(directory, session.user)
}

function redirectWithCode({ codes }: Pages, user: User, authorization: Authorization): Response {
  const code = codes.open({ user, authorization })
  return redirect(authorization.redirectUri, { code, state: authorization.state })
}

/** Reads the authorization request of a page, or responds to it. */
function authorizationOf({ client }: Pages, c: Context): Result<Authorization, Response> {
  const read = readAuthorization(new URL(c.req.url).searchParams, client)
  if (read.ok) return read
  const { error, reason, redirectUri, state } = read.refusal
  return refused(
    redirectUri === undefined
      ? html(400, errorPage(error, reason), reason)
      : redirect(redirectUri, { error, state }, reason),
  )
}

/** Shows the form, tied to this browser and to its authorization request. */
function showForm(
  { forms, random }: Pages,
  c: Context,
  status: 200 | 400 | 403,
  shown: Omit<SignInPage, 'formToken'> = {},
  reason?: string,
): Response {
  let browser = getCookie(c, BROWSER_COOKIE) ?? ''
  if (!/^[A-Za-z]{40}$/.test(browser)) browser = drawText(random, LOWER + UPPER, 40)
  setCookie(c, BROWSER_COOKIE, browser, HIDDEN)
  const formToken = forms.open(browser, new URL(c.req.url).search)
  const page = html(status, signInPage({ ...shown, formToken }), reason)
  return c.newResponse(page.body, status, Object.fromEntries(page.headers))
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
      'x-content-type-options': 'nosniff',
      ...reasonHeader(reason),
    },
  })

const reasonHeader = (reason: string | undefined): Record<string, string> =>
  reason === undefined ? {} : { 'x-local-reason': headerText(reason) }

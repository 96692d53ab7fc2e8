import { cognitoCredentials, type CognitoCredentials } from '@iamfetch/cognito'
import { checkOptions, IamFetchError, invalidOption, type OptionNames } from '@iamfetch/core'
import { createIamFetch } from './iam-fetch.ts'
import { isFitting } from './watch-permissions.ts'

/** Who is signed in, for {@link fakeIam}. */
export interface FakeUser {
  /** The username. @default 'alice' */
  username?: string | undefined
  /** The groups of the user, the one with the lowest precedence number first. @default [] */
  groups?: readonly string[] | undefined
  /** The roles of the ID token: names, or ARNs. Defaults to one for each group: `ReadOnly` has `ReadOnlyRole`. */
  roles?: readonly string[] | undefined
  /** The role that the token prefers: a name, or an ARN. Defaults to the first of `roles`. */
  role?: string | undefined
}

/** The state that a component sees, for {@link fakeIam}. */
export interface FakeIamOptions {
  /** The user who is signed in; `null` if no user is. @default {} */
  user?: FakeUser | null | undefined
  /**
   * What becomes of the exchange for credentials: they are `ready`, they are `loading` and never arrive, or it has `failed` because
   * Cognito is not available.
   *
   * @default 'ready'
   */
  state?: 'ready' | 'loading' | 'failed' | undefined
  /**
   * Routes, and whether the role may call them: `{ 'POST /notes/{id}': false }`. A call of a route with `false` gets the response
   * of IAM, a 403. Routes that are not named are allowed.
   */
  permissions?: Readonly<Record<string, boolean>> | undefined
  /** Responds to the calls that are allowed. Defaults to 200 with the JSON `{}`. */
  respond?: ((request: Request) => Response | Promise<Response>) | undefined
}

/** What {@link fakeIam} returns: the props of `IamProvider`, and what changes them. */
export interface FakeIam {
  /** The real `createIamFetch`, in front of the fake API `https://api.example.com`. */
  readonly fetch: typeof globalThis.fetch
  /** The real `cognitoCredentials`, with a fake sign-in and a fake Cognito. */
  readonly credentials: CognitoCredentials
  /** Signs a user in, as the page would. The previous user is signed out. */
  readonly signIn: (user?: FakeUser) => Promise<void>
  /** Signs the user out. */
  readonly signOut: () => void
  /** Resolves when the credentials have the chosen state. With `loading`, when the exchange has begun. */
  readonly ready: Promise<void>
}

const OPTION_NAMES: OptionNames<FakeIamOptions> = {
  user: true,
  state: 'string',
  permissions: true,
  respond: 'function',
}

const USER_NAMES: OptionNames<FakeUser> = {
  username: 'string',
  groups: 'strings',
  roles: 'strings',
  role: 'string',
}

/**
 * Creates the `fetch` and the credentials of a chosen user, for tests of components and for Storybook. Nothing is sent.
 *
 * Only the network and the sign-in are fake: status, roles, caches, signatures, refusals and `describeRefusal` are the real ones. It is
 * for components. `@iamfetch/local` decides whether a policy allows a call.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```tsx
 * const iam = fakeIam({ user: { username: 'bob', groups: ['ReadOnly'] }, permissions: { 'POST /notes': false } })
 * render(
 *   <IamProvider fetch={iam.fetch} credentials={iam.credentials}>
 *     <Notes />
 *   </IamProvider>,
 * )
 * ```
 */
export function fakeIam(options: FakeIamOptions = {}): FakeIam {
  checkOptions('fakeIam', options, OPTION_NAMES)
  const { state = 'ready', permissions = {} } = options
  const { respond = () => Response.json({}) } = options
  if (!STATES.includes(state)) {
    throw invalidOption('fakeIam', '"state" must be "ready", "loading" or "failed"', state)
  }
  const rules = Object.entries(permissions).map(([route, allowed]) => ruleOf(route, allowed))
  let onExchange = (): void => {}
  const exchangeBegun = new Promise<void>((resolve) => (onExchange = resolve))
  let user = options.user === null ? undefined : checkedUser(options.user)

  const credentials = cognitoCredentials({
    identityPoolId: `${REGION}:00000000-0000-0000-0000-000000000000`,
    async idToken() {
      if (user) return tokenOf(user)
      throw new IamFetchError('LOGIN_REQUIRED', 'No user is signed in.', {
        remedy: 'Sign in, then repeat the call.',
      })
    },
    // Pauses before a repetition end at once.
    clock: { now: () => Date.now(), sleep: async () => {} },
    fetch(input, init) {
      onExchange()
      return answerOfCognito(new Request(input, init), state, user)
    },
  })
  const fetch = createIamFetch({
    baseUrl: API,
    region: REGION,
    credentials,
    async fetch(input, init) {
      const request = new Request(input, init)
      const path = new URL(request.url).pathname
      const rule = rules.find((candidate) => candidate.matches(request.method, path))
      return rule?.allowed === false ? denial(request.method, path, user) : respond(request)
    },
  })
  const start = async (): Promise<void> => {
    await credentials.checkSignIn()
    if (!user) return
    const exchange = credentials().catch(() => {})
    await (state === 'loading' ? exchangeBegun : exchange)
  }
  return {
    fetch,
    credentials,
    signIn(next = {}) {
      user = checkedUser(next)
      return start()
    },
    signOut() {
      user = undefined
      credentials.clear()
      void credentials.checkSignIn()
    },
    ready: start(),
  }
}

const API = 'https://api.example.com'
const REGION = 'eu-central-1'
const STATES: readonly string[] = ['ready', 'loading', 'failed']

interface CompleteUser {
  readonly username: string
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  readonly role: string | undefined
}

function checkedUser(user: FakeUser = {}): CompleteUser {
  checkOptions('fakeIam: user', user, USER_NAMES)
  const { username = 'alice', groups = [] } = user
  const roles = (user.roles ?? groups.map((group) => `${group}Role`)).map(arnOf)
  return { username, groups, roles, role: user.role === undefined ? roles[0] : arnOf(user.role) }
}

const arnOf = (role: string): string =>
  role.startsWith('arn:') ? role : `arn:aws:iam::123456789012:role/${role}`

/** An ID token with no real signature, and with the claims of Cognito's. */
function tokenOf({ username, groups, roles, role }: CompleteUser): string {
  const now = Math.floor(Date.now() / 1_000)
  const claims = {
    iss: `https://cognito-idp.${REGION}.amazonaws.com/${REGION}_FakePool`,
    aud: 'fake-client',
    sub: `sub-of-${username}`,
    token_use: 'id',
    iat: now,
    exp: now + 3_600,
    'cognito:username': username,
    'cognito:groups': groups,
    'cognito:roles': roles,
    ...(role !== undefined && { 'cognito:preferred_role': role }),
  }
  return [{ alg: 'none' }, claims].map(base64UrlOf).concat('ZmFrZQ').join('.')
}

function base64UrlOf(value: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  return btoa(String.fromCodePoint(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** The response of Cognito Identity, in the chosen state. */
async function answerOfCognito(
  request: Request,
  state: FakeIamOptions['state'],
  user: CompleteUser | undefined,
): Promise<Response> {
  const name = user?.username ?? 'nobody'
  const IdentityId = `${REGION}:${name}`
  if (request.headers.get('x-amz-target')?.endsWith('.GetId')) return Response.json({ IdentityId })
  if (state === 'loading') return new Promise(() => {})
  if (state === 'failed') return new Response(null, { status: 503 })
  return Response.json({
    IdentityId,
    Credentials: {
      AccessKeyId: 'ASIAEXAMPLEEXAMPLE12',
      SecretKey: `fake-secret-of-${name}`,
      SessionToken: `fake-session-of-${name}`,
      Expiration: Math.floor(Date.now() / 1_000) + 3_600,
    },
  })
}

/** The response of a REST API if the policy of the role does not allow a call. */
function denial(method: string, path: string, user: CompleteUser | undefined): Response {
  const role = user?.role?.split('/').at(-1) ?? 'NoRole'
  const caller = `arn:aws:sts::123456789012:assumed-role/${role}/CognitoIdentityCredentials`
  const resource = `arn:aws:execute-api:${REGION}:********9012:fake/test/${method}${path}`
  const reason = 'because no identity-based policy allows the execute-api:Invoke action'
  return Response.json(
    {
      Message: `User: ${caller} is not authorized to perform: execute-api:Invoke on resource: ${resource} ${reason}`,
    },
    { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' } },
  )
}

interface Rule {
  readonly allowed: boolean
  readonly matches: (method: string, path: string) => boolean
}

/** Reads a route as API Gateway writes it: `GET /notes/{id}`, `ANY /{proxy+}`. */
function ruleOf(route: string, allowed: boolean): Rule {
  const [, method, template] = /^([A-Z]+) (\/\S*)$/.exec(route) ?? []
  if (method === undefined || template === undefined) {
    const rule = 'must have routes as names, such as "POST /notes/{id}"'
    throw invalidOption('fakeIam', `"permissions" ${rule}`, route)
  }
  const pattern = template.split('/')
  return {
    allowed,
    matches: (calledMethod, path) =>
      (method === 'ANY' || method === calledMethod) && isFitting(pattern, path.split('/')),
  }
}

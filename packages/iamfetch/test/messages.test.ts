import { errorText, fetchOf, withGlobal } from '@iamfetch/testing'
import { createElement, type ReactElement } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { createApi } from '../src/api/index.ts'
import { publishEvents, subscribeEvents } from '../src/appsync/index.ts'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { companionCheck } from '../src/companion.ts'
import { localControls } from '../src/devtools/local-controls.ts'
import { signedEvents } from '../src/events/index.ts'
import { explain } from '../src/explain.ts'
import { causesOf } from '../src/explain/mismatch-cause.ts'
import { createIamFetch } from '../src/index.ts'
import { createIamFetch as createNativeIamFetch } from '../src/native.ts'
import { clearWithOidc, oidcIdToken } from '../src/oidc.ts'
import { IamDevtools } from '../src/react/devtools/index.ts'
import { IamProvider, useCan } from '../src/react/index.ts'

// What the other tests of this package do not produce: one mistake for each message.

const BASE_URL = 'https://abc123.execute-api.eu-central-1.amazonaws.com'
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
const answers = fetchOf(async () => Response.json({ ok: true }))
const iamFetch = createIamFetch({ baseUrl: BASE_URL, credentials: CREDENTIALS, fetch: answers })
const api = createApi(iamFetch, { refusals: 'throw' }) as unknown as (
  route: string,
  options?: object,
) => Promise<unknown>

const user = (more: object): object => ({
  id_token: 'a.b.c',
  profile: { sub: 'alice', exp: 0 },
  ...more,
})
const never = (): (() => void) => () => {}
const EVENTS = {
  addUserLoaded: never,
  addUserUnloaded: never,
  addUserSignedOut: never,
  removeUserSignedOut: never,
}
const manager = (signinSilent: () => unknown, getUser: unknown = user({})): never =>
  ({
    getUser: async () => getUser,
    events: EVENTS,
    signinSilent: async () => signinSilent(),
  }) as never
const refuses = (error: string) => (): never => {
  throw Object.assign(new Error('refused'), { error })
}

function Page(): ReactElement {
  return createElement('p', null, String(useCan('GET /notes')))
}

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => api('GET notes'),
    'TypeError: api: "route" must be a method and a path, such as "GET /notes", got "GET notes"',
  ],
  [
    () => api('GET /notes', { as: 'json' }),
    'TypeError: api: "as" must be "value" or "response", got "json"',
  ],
  [
    () => api('GET /notes', { schema: {} }),
    'TypeError: api: "schema" must be a Standard Schema, such as one of Zod, got an object',
  ],
  [
    () =>
      publishEvents('fetch' as never, {
        url: 'https://abc.appsync-api.eu-central-1.amazonaws.com/event',
        channel: '/notes',
        events: [1],
      }),
    'TypeError: publishEvents: "iamFetch" must be a function, got "fetch"',
  ],
  [
    () => signedEvents('fetch' as never, '/events'),
    'TypeError: signedEvents: "iamFetch" must be a function, got "fetch"',
  ],
  [
    () =>
      withGlobal('WebSocket', undefined, () =>
        subscribeEvents({
          url: 'https://abc.appsync-api.eu-central-1.amazonaws.com/event',
          channel: '/notes',
          credentials: CREDENTIALS,
        }),
      ),
    'TypeError: subscribeEvents: "WebSocket" is required, because this platform has none',
  ],
  [
    () =>
      createIamFetch({
        baseUrl: BASE_URL,
        credentials: CREDENTIALS,
        fetch: answers,
        signer: awsSdkSigner,
      })('/notes', {
        headers: { 'x-amz-meta-name': 'J\u00fcrgen' },
      }),
    'IamFetchError [HEADER_NOT_SIGNABLE]: The value of the header "x-amz-meta-name" has characters other than printable ASCII, which no two servers read alike. Encode the value, for example with encodeURIComponent.',
  ],
  [
    () => {
      const { pin, check } = companionCheck()
      const token = 'not-a-json-web-token'
      pin(token)
      check(token, {
        key: 'alice',
        issuer: 'https://issuer.example.com',
        subject: 'alice',
      })
    },
    'IamFetchError [TOKEN_INVALID]: The token in the header "x-amz-iamfetch-identity" has no "iss" and "sub", so nothing was sent. Return the ID token exactly as it was issued.',
  ],
  [
    () =>
      withGlobal(
        'fetch',
        fetchOf(async () => new Response('', { status: 404 })),
        () => localControls('http://localhost:5173/__iamfetch').shiftClock(1),
      ),
    'Error: The local stack cannot be controlled at http://localhost:5173/__iamfetch: the dev server responded with 404. Run the Vite plugin of @iamfetch/local.',
  ],
  [
    async () => {
      const { signal } = AbortSignal.abort() && new AbortController()
      Object.defineProperties(signal, { aborted: { value: true }, reason: { value: undefined } })
      await createNativeIamFetch({
        baseUrl: BASE_URL,
        credentials: CREDENTIALS,
        fetch: answers,
        sha256: async (bytes: Uint8Array<ArrayBuffer>) =>
          new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)),
      } as never)('/notes', { signal })
    },
    'AbortError: Aborted',
  ],
  [
    () =>
      clearWithOidc(
        manager(() => null),
        {} as never,
      ),
    'TypeError: clearWithOidc: "credentials" must have a "clear" function, got an object',
  ],
  [
    () => oidcIdToken(manager(refuses('login_required')))(),
    'IamFetchError [LOGIN_REQUIRED]: The session has ended: the sign-in provider responded with "login_required". Call signinRedirect() to sign the user in.',
  ],
  [
    () => oidcIdToken(manager(refuses('server_error')))(),
    'Error: The sign-in provider responded with "server_error" to "signinSilent".',
  ],
  [
    () => oidcIdToken(manager(() => null, user({ id_token: undefined })))(),
    'IamFetchError [LOGIN_REQUIRED]: The provider issued no ID token for the user. Add "openid" to "scope" of the UserManager, then sign in again.',
  ],
  [
    () => oidcIdToken(manager(() => null, null))(),
    'IamFetchError [LOGIN_REQUIRED]: No user is signed in: "getUser" or "signinSilent" returned no user. Call signinRedirect() to sign the user in.',
  ],
  [
    () => oidcIdToken(manager(() => user({})))(),
    'IamFetchError [ID_TOKEN_EXPIRED]: The ID token has expired, and "signinSilent" returned the same one. Configure the provider to return an ID token with each refresh, or renew in an iframe: set "silent_redirect_uri" and request no refresh token.',
  ],
  [
    () => IamDevtools({ devtools: {}, credentials: CREDENTIALS } as never),
    'TypeError: IamDevtools: "devtools" must be what createDevtools returned, got an object',
  ],
  [
    () =>
      IamDevtools({ devtools: { observeFetch: () => answers }, credentials: CREDENTIALS } as never),
    'TypeError: IamDevtools: "credentials" must be what cognitoCredentials returned',
  ],
  [
    () =>
      renderToString(
        createElement(
          IamProvider,
          { fetch: iamFetch, credentials: { subscribe: () => () => {} } } as never,
          createElement(Page),
        ),
      ),
    'TypeError: useCan: "permissions" of <IamProvider> is missing. Pass what createPermissions returned.',
  ],
  [
    () =>
      renderToString(
        createElement(IamProvider, {
          fetch: iamFetch,
          credentials: { subscribe: () => () => {} },
          permissions: {},
        } as never),
      ),
    'TypeError: IamProvider: "permissions" must be what createPermissions returned, got an object',
  ],
]

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect(await errorText(call)).toBe(message)
  })

  test('a credential scope without names is explained by region and service', async () => {
    const body = JSON.stringify({ message: 'Credential should be scoped to a valid region.' })
    const { remedy } = await explain(
      new Response(body, {
        status: 403,
        headers: { 'x-amzn-errortype': 'InvalidSignatureException' },
      }),
    )
    expect(remedy).toEqual([
      'Set "region" to the region of the API, also for a custom domain.',
      'Remove "service" for API Gateway, whose service is execute-api; for another service set it to the one that its host belongs to.',
    ])
  })

  test('a signed header that changed or did not arrive is named as the cause of a mismatch', () => {
    const cause = (line: string, gateway: string): object =>
      causesOf([{ line, gateway, ours: 'a' }])[0]
    expect([
      cause('header x-amz-date', 'b'),
      cause('header x-amz-date', '(not there)'),
      cause('signed headers', 'b'),
    ]).toEqual([
      {
        responsible: 'proxy',
        message: 'Something on the way changed the signed header x-amz-date.',
        remedy: 'Leave x-amz-date out of the signature, or stop what changes it.',
      },
      {
        responsible: 'proxy',
        message: 'Something on the way removed the signed header x-amz-date.',
        remedy: 'Leave x-amz-date out of the signature, or stop what removes it.',
      },
      {
        responsible: 'proxy',
        message: 'A signed header did not arrive.',
        remedy:
          'Let the proxy pass every x-amz-* header on, or remove the header from signHeaders.',
      },
    ])
  })
})

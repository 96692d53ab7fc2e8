import { cognitoCredentials, type CognitoCredentials } from '@iamfetch/cognito'
import { createFaults, startLocalStack, type Faults, type LocalStack } from '@iamfetch/local'
import { fixedClock, type FixedClock, fetchOf } from '@iamfetch/testing'
import { createIamFetch, createTokenFetch } from 'iamfetch'
import { clearWithOidc, oidcIdToken } from 'iamfetch/oidc'
import {
  InMemoryWebStorage,
  UserManager,
  WebStorageStateStore,
  type INavigator,
} from 'oidc-client-ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inspect } from 'node:util'
import { groupAccess } from '../group-access.ts'
import { CALLBACK, LOGGED_OUT, pagesBrowser, type PagesBrowser } from '@iamfetch/testing/hosted-ui'

const HOUR = 3_600_000
let clock: FixedClock
let faults: Faults
let stack: LocalStack
let pages: PagesBrowser
let ends: (() => void)[]

beforeEach(async () => {
  clock = fixedClock(Date.now())
  faults = createFaults({ clock })
  stack = await startLocalStack(
    { ...groupAccess, hostedUi: { callbackUrls: [CALLBACK], logoutUrls: [LOGGED_OUT] } },
    { faults },
  )
  pages = pagesBrowser(stack)
  ends = []
})
afterEach(async () => {
  for (const end of ends) end()
  await stack.stop()
})

/** The library as it is; only the browser's window is replaced, by one that notes where it was sent. */
function app() {
  const { endpoints, userPoolId, userPoolClientId } = stack.config
  let sentTo = ''
  const noting: INavigator = {
    prepare: async () => ({
      navigate: async ({ url }) => ((sentTo = url), { url }),
      close: () => {},
    }),
    callback: async () => {},
  }
  const storage = new InMemoryWebStorage()
  const manager = new UserManager(
    {
      authority: `${endpoints.cognitoIdp}/${userPoolId}`,
      client_id: userPoolClientId,
      redirect_uri: CALLBACK,
      scope: 'openid email',
      automaticSilentRenew: false,
      userStore: new WebStorageStateStore({ store: storage }),
    },
    noting,
  )
  ends.push(() => void manager.events.unload())
  const signIn = async (name: string): Promise<void> => {
    await manager.signinRedirect({ prompt: 'login' })
    await manager.signinCallback(await pages.signIn(sentTo, name))
  }
  return { manager, signIn, storage }
}

const credentialsFor = (manager: UserManager): CognitoCredentials =>
  cognitoCredentials({
    identityPoolId: stack.config.identityPoolId,
    endpoint: stack.config.endpoints.cognitoIdentity,
    idToken: oidcIdToken(manager, { clock }),
    clock,
  })

const fetchWith = (credentials: CognitoCredentials): typeof fetch =>
  createIamFetch({
    baseUrl: stack.config.apis['http']?.url,
    region: stack.config.region,
    credentials,
  })

const roleOf = async (response: Response): Promise<string> => (await response.json()).role

describe("oidc-client-ts' sign-in, our calls", () => {
  test.each([
    ['alice', 200],
    ['bob', 403],
  ])(
    '%s signs in by code and PKCE at the pages of the user pool: GET 200, POST %d',
    async (name, onPost) => {
      const { manager, signIn } = app()
      await signIn(name)
      const call = fetchWith(credentialsFor(manager))
      expect((await call('/test')).status).toBe(200)
      expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(onPost)
    },
  )

  test('without a signed-in user the error is LOGIN_REQUIRED, and nothing leaves', async () => {
    const { manager } = app()
    faults.reset()
    await expect(oidcIdToken(manager)()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    await expect(fetchWith(credentialsFor(manager))('/test')).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
    })
    expect(faults.calls()).toEqual({})
  })

  test('another user who signs in is noticed at the next call, without any event', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const call = fetchWith(credentialsFor(manager))
    expect(await roleOf(await call('/test'))).toBe('FullAccessRole')
    await signIn('bob')
    expect(await roleOf(await call('/test'))).toBe('ReadOnlyAccessRole')
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(403)
  })

  test('a user who was removed makes no more calls, without any event', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const call = fetchWith(credentialsFor(manager))
    await call('/test')
    await manager.removeUser()
    await expect(call('/test')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  test('the ID token goes as a bearer token, too', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const sent: (string | null)[] = []
    const call = createTokenFetch({
      baseUrl: stack.config.apis['http']?.url,
      token: oidcIdToken(manager, { clock }),
      fetch: fetchOf((request) => {
        sent.push(request.headers.get('authorization'))
        return fetch(request)
      }),
    })
    await call('/test')
    expect(sent).toEqual([`Bearer ${(await manager.getUser())?.id_token}`])
  })
})

describe('renewal', () => {
  test('a token with less than a minute left is renewed, once for all callers', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const idToken = oidcIdToken(manager, { clock })
    const first = await idToken()
    await clock.advance(HOUR - 61_000)
    expect(await idToken()).toBe(first)
    await clock.advance(2_000)
    faults.reset()
    const given = await Promise.all(Array.from({ length: 10 }, () => idToken()))
    expect(new Set(given).size).toBe(1)
    expect(given[0]).not.toBe(first)
    expect(faults.calls('oauth2/token')).toBe(1)
    expect(await idToken()).toBe(given[0])
    expect(faults.calls('oauth2/token')).toBe(1)
  })

  test('forceRefresh renews a token that is still good', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const idToken = oidcIdToken(manager, { clock })
    const first = await idToken()
    await clock.advance(1_000)
    expect(await idToken({ forceRefresh: true })).not.toBe(first)
  })

  test('groups that changed take effect with refreshIdentity()', async () => {
    const { manager, signIn } = app()
    await signIn('bob')
    const credentials = credentialsFor(manager)
    const call = fetchWith(credentials)
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(403)
    faults.setGroups('bob', ['FullAccess'])
    await credentials.refreshIdentity()
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(200)
  })

  test('a renewal that fails keeps a token that still works, and passes the failure on when it does not', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const idToken = oidcIdToken(manager, { clock })
    const first = await idToken()
    await clock.advance(HOUR - 30_000)
    faults.next('oauth2/token', { fault: 'fail', times: 2 })
    expect(await idToken()).toBe(first)
    await expect(idToken({ forceRefresh: true })).rejects.toThrow('Internal Server Error')
    await clock.advance(31_000)
    faults.next('oauth2/token', 'fail')
    await expect(idToken()).rejects.toThrow('Internal Server Error')
    expect(await idToken()).not.toBe(first)
  })

  test('a refresh token that is no longer taken is LOGIN_REQUIRED, and the error holds no token', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const idToken = oidcIdToken(manager, { clock })
    const { id_token, access_token, refresh_token } = (await manager.getUser())!
    await manager.revokeTokens(['refresh_token'])
    await manager.storeUser(Object.assign((await manager.getUser())!, { refresh_token }))
    const error: unknown = await idToken({ forceRefresh: true }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'LOGIN_REQUIRED', retryable: false })
    const shown = inspect(error, { depth: Infinity, showHidden: true })
    for (const secret of [id_token!, access_token, refresh_token!]) {
      expect(shown).not.toContain(secret)
    }
  })

  test('renewal by a clock that is two hours fast, calls do not renew again and again', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    const fast = fixedClock(clock.now() + 2 * HOUR)
    const idToken = oidcIdToken(manager, { clock: fast })
    faults.reset()
    for (let i = 0; i < 5; i++) await idToken()
    expect(faults.calls('oauth2/token')).toBe(1)
  })

  test('a provider that renews without an ID token ends in ID_TOKEN_EXPIRED, asked once', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    // What the library does with such an answer: it keeps the old ID token (its validateRefreshResponse).
    const old = (await manager.getUser())!
    let renewals = 0
    const without = {
      getUser: () => manager.getUser(),
      signinSilent: async () => (renewals++, old),
      events: manager.events,
    }
    const idToken = oidcIdToken(without, { clock })
    await clock.advance(HOUR + 1_000)
    for (let i = 0; i < 3; i++) {
      await expect(idToken()).rejects.toMatchObject({ code: 'ID_TOKEN_EXPIRED' })
    }
    expect(renewals).toBe(1)
  })
})

test('what is not a UserManager is refused at once', () => {
  const withoutEvents = { getUser: async () => null } as never
  expect(() => oidcIdToken(undefined as never)).toThrow('oidcIdToken: "manager" must be a UserM')
  expect(() => clearWithOidc(undefined as never, { clear() {} })).toThrow('"manager" must be a Us')
  expect(() => clearWithOidc(withoutEvents, { clear() {} })).toThrow(
    'clearWithOidc: "manager" must have the "events" of a UserManager',
  )
})

describe('clearWithOidc', () => {
  test('clears when the user goes or changes, not when the same user is renewed', async () => {
    const { manager, signIn } = app()
    await signIn('alice')
    let cleared = 0
    const end = clearWithOidc(manager, { clear: () => void cleared++ })
    await manager.getUser()
    await manager.signinSilent()
    expect(cleared).toBe(0)
    await signIn('bob')
    expect(cleared).toBe(1)
    await manager.removeUser()
    expect(cleared).toBe(2)
    end()
    await signIn('alice')
    expect(cleared).toBe(2)
  })

  test('reads the token again after a sign-in, when the credentials are cleared, and not after a renewal', async () => {
    const { manager, signIn } = app()
    const done: string[] = []
    const end = clearWithOidc(manager, {
      clear: () => void done.push('clear'),
      checkSignIn: async () => done.push('checkSignIn'),
    })
    await signIn('alice')
    await manager.signinSilent()
    expect(done).toEqual(['clear', 'checkSignIn'])
    await manager.removeUser()
    expect(done).toEqual(['clear', 'checkSignIn', 'clear'])
    end()
  })
})

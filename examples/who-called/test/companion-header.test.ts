import { identityHeader } from '@iamfetch/server'
import { cognitoCredentials, createSigner } from 'iamfetch'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startWhoCalled, type UserTokens, type WhoCalled } from '../start.ts'

let who: WhoCalled
let alice: UserTokens
let bob: UserTokens
let invoked: string[] = []

beforeAll(async () => {
  who = await startWhoCalled({ onInvoke: (name) => void invoked.push(name) })
  ;[alice, bob] = await Promise.all([who.signIn('alice'), who.signIn('bob')])
})
beforeEach(() => {
  invoked = []
})
afterAll(() => who.stop())

describe.each(['http', 'rest'] as const)('a signed call, %s API', (form) => {
  test('knows email and groups from the ID token that is sent with the signature', async () => {
    const response = await who.asSigner(form, alice.idToken)('/me/signed')
    expect(await response.json()).toEqual({
      sub: who.stack.users['alice'].sub,
      username: 'alice',
      email: 'alice@example.com',
      groups: ['Members', 'Editors'],
      proof: 'verified',
    })
    const bobs = await who.asSigner(form, bob.idToken)('/me/signed')
    expect(await bobs.json()).toMatchObject({ email: 'bob@example.com', groups: ['Members'] })
  })

  test.each<[string, number, () => string]>([
    ['the ID token of another user', 403, () => alice.idToken],
    ['an access token', 401, () => bob.accessToken],
    ['garbage', 401, () => 'not.a.token'],
  ])('is refused together with %s: %i', async (_, status, token) => {
    const { region, identityPoolId, endpoints, apis } = who.stack.config
    const credentials = cognitoCredentials({
      identityPoolId,
      endpoint: endpoints.cognitoIdentity,
      idToken: async () => bob.idToken,
    })
    // `createIamFetch` would not send it.
    const request = await createSigner({ credentials, region }).sign(
      `${apis[form].url}/me/signed`,
      { headers: { [identityHeader]: token() } },
    )
    const response = await fetch(request)
    expect(response.status).toBe(status)
    expect(await response.text()).not.toContain('@example.com')
    // The signature was right: it is the function that refused.
    expect(invoked).toEqual(['meSigned'])
  })

  test('is refused with the ID token alone', async () => {
    const response = await fetch(`${who.stack.config.apis[form].url}/me/signed`, {
      headers: { [identityHeader]: alice.idToken, authorization: `Bearer ${alice.idToken}` },
    })
    expect(response.status).toBe(403)
    expect(invoked).toEqual([])
  })
})

import { expect, test } from 'vitest'
import { createTokenFetch } from '../src/index.ts'
import { oidcIdToken, type OidcUser } from '../src/oidc.ts'
import { failure, idTokenOf } from './caller-scene.ts'

const userOf = (sub: string, exp: number): OidcUser => ({
  id_token: idTokenOf(sub, { exp }),
  profile: { iss: 'https://login.example', sub, exp },
})

const NOW = 1_000_000

/** An ID token that is about to expire, and what the provider returns for it. */
function tokenRenewedTo(renewed: string): ReturnType<typeof oidcIdToken> {
  const events = Object(undefined)
  return oidcIdToken(
    {
      getUser: async () => userOf('alice', NOW + 10),
      signinSilent: async () => userOf(renewed, NOW + 3_600),
      events,
    },
    { clock: { now: () => NOW * 1_000 } },
  )
}

test('a renewal that returns another user does not turn a call into one of that user', async () => {
  const sent: unknown[] = []
  const tokenFetch = createTokenFetch({
    baseUrl: 'https://api.example',
    token: tokenRenewedTo('bob'),
    fetch: async (input) => {
      sent.push(input)
      return new Response()
    },
  })
  expect(await failure(tokenFetch('/notes'))).toMatchObject({ code: 'CALLER_CHANGED' })
  expect(sent).toEqual([])
})

test('a renewal of the same user returns the new token', async () => {
  expect(await tokenRenewedTo('alice')()).toBe(idTokenOf('alice', { exp: NOW + 3_600 }))
})

import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { oidcIdToken } from '../src/oidc.ts'
import { errorAttributes } from '../src/opentelemetry/attributes.ts'

const SECRET = 'wJalrXUtnFEMI_K7MDENG_bPxRfiCYEXAMPLEKEY1'

test('the code of an error is an attribute of a span only if it cannot be a secret', () => {
  const error = new Error('refused')
  expect(errorAttributes(Object.assign(error, { code: 'ECONNRESET' }))).toEqual({
    'error.type': 'ECONNRESET',
  })
  expect(errorAttributes(Object.assign(error, { code: SECRET }))).toEqual({ 'error.type': 'Error' })
  expect(errorAttributes(Object.assign(error, { name: SECRET }))).toEqual({
    'error.type': '_OTHER',
  })
})

test.each([SECRET, `invalid refresh_token ${SECRET}`])(
  'a sign-in provider that repeats a secret as its error code does not get it into an error',
  async (code) => {
    const read = oidcIdToken({
      getUser: async () => ({ id_token: 'a.b.c', profile: { sub: 'alice', exp: 1 } }),
      signinSilent: async () => {
        throw Object.assign(new Error('refused'), { error: code })
      },
      events: {
        addUserLoaded: () => () => {},
        addUserUnloaded: () => () => {},
        addUserSignedOut: () => () => {},
        removeUserSignedOut() {},
      },
    })
    const error: unknown = await read().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(Error)
    expect(inspect(error, { depth: 9 })).not.toContain(SECRET)
  },
)

import { expect, test } from 'vitest'
import { check, ENGINES } from './check.ts'
import { run, type Setup, type Step } from './script.ts'

test.each(ENGINES)(
  '%s: 50 random interleavings of users, services and time send no request for another user, and none after clear()',
  async (engine) => {
    await expect(check(engine, 50)).resolves.toBeUndefined()
  },
)

const COLD: Omit<Setup, 'engine'> = {
  oneProvider: false,
  companion: false,
  fastTokens: false,
  warm: false,
}
const CALL: Step = { do: 'call', method: 'GET', body: 'none' }

/** Scripts that once violated an invariant, as short as they could be made. */
const FOUND: readonly [string, Setup, readonly Step[]][] = [
  [
    'a request that failed is repeated after another user signed in',
    { ...COLD, engine: 'cognito' },
    [
      CALL,
      { do: 'go on', operations: 3 },
      { do: 'settle', pick: 0, outcome: 'network' },
      { do: 'sign in', user: 'alice@two', clear: false },
    ],
  ],
  [
    'a token call is repeated after another user signed in',
    { ...COLD, engine: 'token' },
    [
      CALL,
      { do: 'settle', pick: 0, outcome: 'ok' },
      { do: 'settle', pick: 0, outcome: 'server error' },
      { do: 'sign in', user: 'bob@one', clear: false },
    ],
  ],
  [
    'the credentials are cleared while the body of a call arrives',
    { ...COLD, engine: 'cognito' },
    [{ do: 'call', method: 'POST', body: 'slow' }, { do: 'clear' }],
  ],
  [
    'another user signs in while a function around the credentials is called for the first time',
    { ...COLD, engine: 'wrapped' },
    [
      CALL,
      { do: 'settle', pick: 0, outcome: 'ok' },
      { do: 'sign in', user: 'alice@two', clear: false },
    ],
  ],
  [
    'a function around the credentials is called for the first time and they are cleared in the same step',
    { ...COLD, engine: 'wrapped' },
    [{ do: 'two at once', first: CALL, microtasks: 0, second: { do: 'clear' } }],
  ],
  [
    'the ID token that is sent with a call is read after another user signed in',
    { ...COLD, engine: 'wrapped', companion: true },
    [CALL, { do: 'go on', operations: 1 }, { do: 'sign in', user: 'bob@one', clear: false }],
  ],
]

test.each(FOUND)('nothing is sent for another user when %s', async (_, setup, script) => {
  expect(await run(setup, script)).toBeUndefined()
})

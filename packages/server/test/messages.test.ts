import { errorText } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { eventFixtures } from '../src/fixtures.ts'
import { callerGate, resolveCaller } from '../src/index.ts'
import { loadBalancer, userPool } from './tokens.ts'

// What the other tests of this package do not produce: one mistake for each message.

const POOLS = [
  { ...userPool, userPoolId: 'eu-central-1_Ab12Cd34E' },
  { ...userPool, userPoolId: 'eu-central-1_Ef56Gh78I' },
]
const PROVIDER = 'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E'
const OTHER = 'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ef56Gh78I'
/** An event of a user who signed in with these logins. */
const signedBy = (logins: string[]): unknown =>
  JSON.parse(JSON.stringify(eventFixtures['http-iam'].event()), (key, value: unknown) =>
    key === 'amr' ? ['authenticated', ...logins] : value,
  )

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => resolveCaller({}, { identityPools: ['eu-central-1_Ab12Cd34E'] }),
    'TypeError: resolveCaller: "identityPools" must list identity pool IDs, got "eu-central-1_Ab12Cd34E"',
  ],
  [
    () => resolveCaller({}, { loadBalancers: [{ ...loadBalancer, issuer: '' }] }),
    'TypeError: resolveCaller: "issuer" must be the issuer of the identity provider, got ""',
  ],
  [
    () => callerGate({ onRefusal: 'refuse' as never }),
    'TypeError: callerGate: "onRefusal" must be a function, got "refuse"',
  ],
  [
    () => callerGate({ refusalHeaders: 'no-store' as never }),
    'TypeError: callerGate: "refusalHeaders" must be an object, got "no-store"',
  ],
  [
    () =>
      resolveCaller(signedBy([PROVIDER, `${OTHER}:CognitoSignIn:alice-sub`]), { userPools: POOLS }),
    'IamFetchError [CALLER_MISMATCH]: The logins of the identity are of two user pools. Send the proofs of one user only: one token, or one signature and the ID token of the same user.',
  ],
]

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect(await errorText(call)).toBe(message)
  })
})

test('groups that a Lambda authorizer wrote as one text are refused with what to write instead', async () => {
  const event: unknown = JSON.parse(
    JSON.stringify(eventFixtures['http-lambda'].event()),
    (key, value: unknown) =>
      key === 'lambda' && typeof value === 'object'
        ? { ...value, 'cognito:groups': 'Admins Readers' }
        : value,
  )
  const admitted = await callerGate({ groups: ['Admins'] })(event)
  expect(String('refused' in admitted && admitted.refused)).toContain(
    'Let the Lambda authorizer write the groups as a JSON array, or set "authorizerContext" to a function that returns an array.',
  )
})

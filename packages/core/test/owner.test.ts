import { expect, test } from 'vitest'
import { isSameOwner, ownerOfToken } from '../src/index.ts'

const tokenOf = (claims: object): string =>
  [{ alg: 'none' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('signature')
    .join('.')

test('tokens without an issuer have owners that differ by their subject', () => {
  const alice = ownerOfToken(tokenOf({ sub: 'alice' }))
  expect(isSameOwner(alice, ownerOfToken(tokenOf({ sub: 'alice', iat: 2 })))).toBe(true)
  expect(isSameOwner(alice, ownerOfToken(tokenOf({ sub: 'bob' })))).toBe(false)
  expect(isSameOwner(alice, ownerOfToken(tokenOf({ sub: 'alice', iss: 'https://idp' })))).toBe(
    false,
  )
  expect(isSameOwner(alice, ownerOfToken('opaque'))).toBe(false)
  expect(isSameOwner(ownerOfToken('opaque'), alice)).toBe(false)
})

test('a known identity is not taken for credentials without one', () => {
  expect(isSameOwner({ identityId: 'alice' }, {})).toBe(false)
  expect(isSameOwner({ identityId: 'alice' }, { identityId: 'bob' })).toBe(false)
  expect(isSameOwner({ identityId: 'alice' }, { identityId: 'alice' })).toBe(true)
  expect(isSameOwner({}, { identityId: 'alice' })).toBe(true)
  expect(isSameOwner({ key: 'a', identityId: 'alice' }, { key: 'a' })).toBe(true)
})

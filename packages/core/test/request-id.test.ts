import { expect, test } from 'vitest'
import { requestIdOf } from '../src/index.ts'

const uuid = '7a1c9f4e-0d6b-4a53-9a58-0f9f6f6b8f11'
const cloudFront = `${'aB3-_'.repeat(10)}abcd==`

test('the request ID of AWS is read from its headers, the service’s own one first', () => {
  expect(requestIdOf(new Headers({ 'x-amzn-requestid': uuid, 'x-amz-cf-id': cloudFront }))).toBe(
    uuid,
  )
  expect(requestIdOf(new Headers({ 'x-amz-request-id': uuid }))).toBe(uuid)
  expect(requestIdOf(new Headers({ 'x-amz-cf-id': cloudFront }))).toBe(cloudFront)
})

test.each([
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl',
  '1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y6',
  'IQoJb3JpZ2luX2VjEAa0/+Aa0/+==',
  `${uuid}x`,
  '',
])('a header that echoes %j has no request ID', (value) => {
  for (const name of ['x-amzn-requestid', 'x-amz-request-id', 'x-amz-cf-id']) {
    expect(requestIdOf(new Headers({ [name]: value }))).toBeUndefined()
  }
})

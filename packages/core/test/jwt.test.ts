import { expect, test } from 'vitest'
import { gatewayMessage, jwtHeader, jwtPayload } from '../src/index.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test('the payload and the header of a token are read, UTF-8 included', () => {
  const token = `${part({ alg: 'RS256' })}.${part({ sub: 'Zoë 🙂' })}.sig`
  expect(jwtPayload(token)).toEqual({ sub: 'Zoë 🙂' })
  expect(jwtHeader(token)).toEqual({ alg: 'RS256' })
})

test.each([
  undefined,
  '',
  'opaque',
  'a.b',
  `${part({})}.${part({})}.`,
  `${part({})}.${part([1])}.sig`,
  `${part({})}.${part(null)}.sig`,
  `${part({})}.!!!.sig`,
  `${part({})}.${part({})}.sig.more.parts`,
])('%s has no payload', (token) => {
  expect(jwtPayload(token)).toBeUndefined()
})

test.each([
  ['{"message":"Forbidden"}', 'Forbidden'],
  ['{"Message":"User is not authorized"}', 'User is not authorized'],
  ['{"message":null,"Message":"second"}', 'second'],
  ['{"message":{}}', undefined],
  ['null', undefined],
  ['"message"', undefined],
  ['<html>', undefined],
])('the gateway message of %s is %s', (text, message) => {
  expect(gatewayMessage(text)).toBe(message)
})

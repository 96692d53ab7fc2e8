import { expect, test } from 'vitest'
import { checkSecureUrl, isSecureUrl } from '../src/index.ts'

test.each([
  'https://idp.example/oauth2/token',
  new URL('https://idp.example/'),
  'http://127.0.0.1:8080/',
  'http://localhost/',
  'http://auth.localhost:3000/',
  'http://[::1]:8080/',
])('a secret may be sent to %s', (url) => {
  expect(isSecureUrl(url)).toBe(true)
})

test.each([
  'http://idp.example/',
  'http://cognito-idp.eu-central-1.amazonaws.com/',
  'http://localhost:80@idp.example/',
  'http://127.0.0.1.example/',
  'http://localhost.example/',
  'https://user@idp.example/',
  'https://:password@idp.example/',
  'https://idp.example/#fragment',
  'ftp://localhost/',
  '/oauth2/token',
  'idp.example',
  '',
  undefined,
  { href: 'https://idp.example/' },
])('a secret may not be sent to %s', (url) => {
  expect(isSecureUrl(url)).toBe(false)
})

test.each([undefined, '', 'idp.example', 'http://idp.example/token'])(
  'the error of an endpoint that is not secure shows %j',
  (url) => {
    expect(() => checkSecureUrl('machineToken', 'url', url)).toThrow(
      `machineToken: "url" must be an https URL (http only on loopback) without user, password and fragment, got ${JSON.stringify(url)}`,
    )
  },
)

test.each([
  'https://user:hunter2@idp.example/',
  'http://idp.example/?key=hunter2',
  'https://idp.example/#hunter2',
])('the error of an endpoint hides what may be a secret in %s', (url) => {
  expect(() => checkSecureUrl('machineToken', 'url', url)).toThrow(/and fragment$/)
})

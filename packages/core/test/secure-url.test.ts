import { expect, test } from 'vitest'
import { isSecureUrl } from '../src/index.ts'

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

import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { IamFetchError, isIamFetchError } from '../src/index.ts'

const error = new IamFetchError('LOGIN_REQUIRED', 'No user is signed in.', { remedy: 'Sign in.' })

test('the console line of an error shows its code, what happened, the remedy and the documentation page', () => {
  const line =
    'IamFetchError [LOGIN_REQUIRED]: No user is signed in. Sign in. See https://iamfetch.github.io/iamfetch/errors/LOGIN_REQUIRED'
  expect(String(error)).toBe(line)
  expect(inspect(error)).toContain(line)
  expect(error.stack?.split('\n')[0]).toBe(line)
})

test('JSON of an error has everything except its stack and cause', () => {
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: 'IamFetchError',
    message: 'No user is signed in.',
    code: 'LOGIN_REQUIRED',
    retryable: false,
    remedy: 'Sign in.',
    docs: 'https://iamfetch.github.io/iamfetch/errors/LOGIN_REQUIRED',
  })
})

test('an error of another copy of the package is recognised by its shape', () => {
  const foreign = {
    name: 'IamFetchError',
    code: 'THROTTLED',
    remedy: 'Try again.',
    message: 'Slow down.',
  }
  expect(isIamFetchError(foreign)).toBe(true)
  expect(isIamFetchError(foreign, 'THROTTLED')).toBe(true)
  expect(isIamFetchError(foreign, 'CLEARED')).toBe(false)
})

test.each([
  undefined,
  null,
  'IamFetchError',
  new Error('no'),
  { name: 'IamFetchError' },
  { code: 'X', remedy: 'Y' },
])('%s is not an IamFetchError', (value) => {
  expect(isIamFetchError(value)).toBe(false)
})

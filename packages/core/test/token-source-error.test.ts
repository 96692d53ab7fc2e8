import { expect, test } from 'vitest'
import { tokenSourceError } from '../src/index.ts'

test('the error of a token source is named by its name and code', () => {
  const cause = Object.assign(new Error('eyJhbGciOi.secret'), { code: 'ERR_SOCKET' })
  expect(tokenSourceError('idToken', cause).message).toBe('"idToken" failed: Error, ERR_SOCKET.')
})

test.each(['code', 'error', 'errorCode', 'name'])(
  'a token in "%s" of the error of a token source is not quoted',
  (property) => {
    const token = 'v1.MjQ1NjdhYmNkZWZnMDEyMzQ1Njc4OWFiY2RlZg'
    const error = tokenSourceError('token', Object.assign(new Error('no'), { [property]: token }))
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(token)
  },
)

test('an error that reports an ended session requires a sign-in', () => {
  const ended = Object.assign(new Error('refused'), { name: 'login_required' })
  expect(tokenSourceError('idToken', ended)).toMatchObject({
    code: 'LOGIN_REQUIRED',
    message: '"idToken" failed: login_required.',
    remedy: 'Sign in again.',
  })
})

import { expect, test } from 'vitest'
import { tokenFrom } from '../../src/cli/mcp.ts'

const tokenOf = (exp: number): string =>
  [{ alg: 'none' }, { exp }, 's']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')

test('100 messages share one run of --token-command, and its token until it is about to expire', async () => {
  let runs = 0
  const token = tokenFrom('print', async () => `${tokenOf(9_999_999_999 + runs++)}\n`)
  const tokens = await Promise.all(Array.from({ length: 100 }, () => token()))
  await token()
  expect([runs, new Set(tokens).size]).toEqual([1, 1])
  await token({ forceRefresh: true })
  expect(runs).toBe(2)
})

test('what --token-command prints in place of a token is not quoted, and the next message runs it again', async () => {
  const outputs = ['Session expired: secret', tokenOf(1)]
  const token = tokenFrom('print', async () => outputs.shift() ?? '')
  await expect(token()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: 'The command of --token-command did not print a token and nothing else.',
  })
  expect(await token()).toBe(tokenOf(1))
})

test('a --token-command that fails is named in the error, which does not count as a sign-out', async () => {
  await expect(tokenFrom('exit 3')()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: 'The command of --token-command failed.',
    retryable: true,
  })
})

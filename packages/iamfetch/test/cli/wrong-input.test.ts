import { expect, it, vi } from 'vitest'
import { iamfetch } from './run-cli.ts'

// Processes start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

it.each([
  [['sign', '--region', 'x y', 'https://x.example/'], '--region must consist of letters'],
  [['whoami', ' '], 'The input is empty. Pass a token.'],
  [['sign', 'https://x.example/'], 'Pass the region of the API as --region'],
])('%j is a wrong command, in the words of the command', async (args, message) => {
  const env = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }
  const { code, out, err } = await iamfetch(args, { env })
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(message)
  expect(err).not.toContain('createSigner')
})

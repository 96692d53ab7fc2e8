import { expect, test } from 'vitest'
import { listenError } from '../src/http/listen-error.ts'
import { startLocalStack } from '../src/index.ts'

const failed = (code: string) => Object.assign(new Error('listen'), { code })

test('a server that cannot listen names the reason, and what to choose instead', () => {
  const messageFor = (cause: unknown) => listenError({ port: 80, host: '127.0.0.1', cause }).message
  expect(messageFor(failed('EADDRINUSE'))).toBe(
    'Port 80 of 127.0.0.1 is in use. End the program that listens there, or choose another port.',
  )
  expect(messageFor(failed('EACCES'))).toBe(
    'The system does not let this user listen at port 80 of 127.0.0.1. Choose a port from 1024 on.',
  )
  for (const [cause, code] of [[failed('EMFILE'), 'EMFILE'] as const, ['', 'no code'] as const]) {
    expect(messageFor(cause)).toBe(
      `The local stack cannot listen at port 80 of 127.0.0.1 (${code}). Choose another port.`,
    )
  }
})

test('a stack says that an address is not one of this machine', async () => {
  // An address for documentation, which no machine has: RFC 5737.
  const started = startLocalStack({}, { host: '192.0.2.1', allowedHosts: ['stack.example'] })
  await expect(started).rejects.toThrow('This machine does not have the address 192.0.2.1.')
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalStack } from '@iamfetch/local'
import { errorText } from '@iamfetch/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Command } from '../../src/cli/command.ts'
import { readInput } from '../../src/cli/input.ts'
import { mcpCommand } from '../../src/cli/mcp.ts'
import { readPasted } from '../../src/cli/pasted.ts'
import { signCommand } from '../../src/cli/sign.ts'

// The mistakes that the tests of the command's processes do not make: one for each message.

const run = (
  command: Command,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<number> =>
  command.run(args, {
    name: 'iamfetch',
    env: { XDG_RUNTIME_DIR: '/nothing-here', ...env },
    paint: (_, text) => text,
    print: () => {},
    note: () => {},
  })
const mcp = (...args: string[]) => run(mcpCommand, args)
const sign = (...args: string[]) => run(signCommand, args)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-messages-'))
  await writeFile(join(folder, 'body'), new Uint8Array([0xff, 0xfe]))
})
afterAll(() => rm(folder, { recursive: true }))

const ROWS: readonly (readonly [name: string, call: () => unknown, message: string])[] = [
  ['mcp without a URL', () => mcp(), 'Error: A URL is missing. Add one: mcp https://…/mcp'],
  [
    'mcp with two URLs',
    () => mcp('https://a.example/mcp', 'https://b.example/mcp'),
    'Error: There are too many arguments. Pass one URL.',
  ],
  [
    'mcp with a path in place of a URL',
    () => mcp('/mcp'),
    'Error: The URL is not absolute. Pass one that begins with https://.',
  ],
  [
    'mcp with two sources of credentials',
    () => mcp('https://a.example/mcp', '--profile', 'dev', '--user', 'alice'),
    'Error: --profile and --user cannot be combined.',
  ],
  [
    'mcp with an identity pool and no token',
    () => mcp('https://a.example/mcp', '--identity-pool', 'eu-central-1:pool'),
    'Error: --identity-pool needs --token-command, which prints the ID token of the user.',
  ],
  [
    'sign with three arguments',
    () => sign('POST', 'https://a.example/', '{}'),
    'Error: There are too many arguments. Pass a method and a URL, and the body with --data.',
  ],
  [
    'sign with a body of other bytes than text',
    () => sign('https://a.example/', '--data', `@${join(folder, 'body')}`),
    'Error: The body is not UTF-8 text, and a curl command cannot contain other bytes. Use --json.',
  ],
  [
    'explain with output of curl -v that has no response',
    () => readPasted('> GET / HTTP/1.1\n> Host: a.example\n'),
    'Error: There is no line that begins with < HTTP/.',
  ],
  [
    'explain with a response that is not the last one',
    () => readPasted('HTTP/1.1 101 Switching Protocols\n\n'),
    'Error: 101 is not the status of a final response.',
  ],
]

describe('a wrong command', () => {
  test.each(ROWS)('%s gets a full sentence', async (_, call, message) => {
    expect(await errorText(call)).toBe(message)
  })

  test('that names a folder in place of a file says that it cannot be read', async () => {
    expect(await errorText(() => readInput(folder, 'a response'))).toBe(
      `Error: ${folder} cannot be read.`,
    )
  })

  test('that has a path and does not say for which of two APIs gets their names', async () => {
    const route = () => ({ ok: true })
    await using stack = await startLocalStack({
      users: { alice: {} },
      apis: {
        notes: { type: 'http', routes: { 'GET /notes': { auth: 'none', handler: route } } },
        tasks: { type: 'http', routes: { 'GET /tasks': { auth: 'none', handler: route } } },
      },
    })
    const { cognitoIdp } = stack.config.endpoints
    expect(
      await errorText(() => sign('--stack', cognitoIdp, '--user', 'alice', 'GET', '/notes')),
    ).toBe('Error: The stack has several APIs. Choose one with --api: notes, tasks.')
  })
})

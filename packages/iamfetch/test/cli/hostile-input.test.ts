import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { curlLine } from '../../src/cli/curl.ts'
import { printable } from '../../src/cli/printable.ts'
import { iamfetch } from './run-cli.ts'

// Processes start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

const URL_AT_AWS = 'https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/test'
const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'iamfetch-shell-'))))
afterAll(() => rm(folder, { recursive: true }))

/** Texts that run `touch` where a shell reads them as anything but text. */
const INJECTIONS = [
  `'; touch owned; '`,
  '$(touch owned)',
  '`touch owned`',
  `x' & touch owned & '`,
  `\n touch owned \n`,
  `'"'"'; touch owned #`,
  `\\'; touch owned; \\'`,
]

/** Runs a line with a `curl` that prints its arguments, one a line, in place of the real one. */
async function argumentsOf(line: string): Promise<string[]> {
  const script = `curl() { for one; do printf '%s\\0' "$one"; done; }\n${line}`
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd: folder })
  return stdout.split('\0').slice(0, -1)
}

it.each(INJECTIONS)('a shell that runs what sign prints executes nothing of %j', async (text) => {
  const { code, out } = await iamfetch(
    ['sign', 'POST', `${URL_AT_AWS}/${text}?q=${text}`, '-d', text, '-H', `x-note: ${text.trim()}`],
    { env: keys },
  )
  expect(code).toBe(0)
  const given = await argumentsOf(out)
  expect(given).toContain('--globoff')
  expect(given).toContain(text)
  expect(await readdir(folder)).toEqual([])
})

it.each(INJECTIONS)('each part of a request stays one argument of curl: %j', async (text) => {
  const line = curlLine({
    method: 'POST',
    url: `https://a.example/?q=${text}`,
    headers: { 'x-note': text, [`x-${text}`]: '' },
    body: text,
  })
  const given = await argumentsOf(line)
  expect(given).toEqual(
    expect.arrayContaining([`https://a.example/?q=${text}`, `x-note: ${text}`, `x-${text};`, text]),
  )
  expect(await readdir(folder)).toEqual([])
})

/** Sequences by which text of others changes a terminal or how it reads. */
const ESCAPES: Record<string, string> = {
  'sets the title': '\u001B]0;mine\u0007',
  'moves the cursor up': '\u001B[2A',
  'clears the screen': '\u001B[2J',
  'hides what follows': '\u001B[8m',
  'writes to the clipboard': '\u001B]52;c;cm0gLXJmIH4=\u0007',
  'links elsewhere': '\u001B]8;;https://evil.example\u001B\\',
  'is a C1 control': '\u009B31m',
  'goes back to the start of the line': 'x\ry',
  'deletes to the left': '\b\b\b',
  'rings the bell': '\u0007',
  'turns the direction of writing': '\u202Eecila',
  'breaks the line where only some programs see it': 'a\u2028b',
}

// oxlint-disable-next-line no-control-regex
const UNFIT = /[\0-\x08\x0B-\x1F\x7F-\x9F\u200E\u200F\u2028-\u202E\u2066-\u2069]/

it.each(Object.entries(ESCAPES))('a text that %s is shown, not executed', (_, escape) => {
  expect(printable(escape)).not.toMatch(UNFIT)
  expect(JSON.parse(printable(JSON.stringify(escape)))).toBe(escape)
})

/** All of them, for the programs. */
const EVIL = Object.values(ESCAPES).join('')

describe('a text with every escape sequence does nothing to the terminal', () => {
  it.each([['whoami'], ['whoami', '--json']])('in a token: %s %s', async (...args) => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = {
      iss: EVIL,
      sub: EVIL,
      'cognito:username': EVIL,
      email: EVIL,
      'cognito:groups': [EVIL],
      'cognito:roles': [EVIL],
      scope: EVIL,
      aud: EVIL,
    }
    const token = `${part({ alg: EVIL })}.${part(claims)}.c2ln`
    const { out, err } = await iamfetch(args, { stdin: token })
    expect(out).not.toBe('')
    expect(out + err).not.toMatch(UNFIT)
  })

  it.each([['explain'], ['explain', '--json']])('in a response: %s %s', async (...args) => {
    const body = JSON.stringify({
      message: `User: arn:aws:sts::1:assumed-role/R${EVIL}/s is not authorized to perform: x on resource: arn:${EVIL}`,
    })
    const type = `X${EVIL.replaceAll('\r', '')}`
    const { out, err } = await iamfetch(args, {
      stdin: `HTTP/1.1 403 Forbidden\nx-amzn-errortype: ${type}\nx-local-reason: ${type}\n\n${body}`,
    })
    expect(out).not.toBe('')
    expect(out + err).not.toMatch(UNFIT)
  })

  it.each([
    [[`x${EVIL}`]],
    [['sign', `x${EVIL}`]],
    [['sign', `M${EVIL}`, URL_AT_AWS]],
    [['sign', '--stack', `http://x${EVIL}`, '--user', 'alice', '/x']],
    [['explain', `no-such-file${EVIL}`]],
    [['explain', '--url', `x${EVIL}`]],
    [['whoami', `a.b${EVIL}`]],
  ])('in an argument that a complaint repeats: %j', async (args) => {
    const { code, out, err } = await iamfetch(args, { env: keys, stdin: 'HTTP/1.1 403 x\n\n' })
    expect(code).not.toBe(0)
    expect(out + err).not.toMatch(UNFIT)
  })
})

it.each(['explain', 'whoami'])(
  '%s reads no more than 16 MB of a file or of stdin',
  async (command) => {
    const file = join(folder, 'large')
    await writeFile(file, '')
    await truncate(file, 16_777_217)
    const args = command === 'explain' ? [command, file] : [command]
    const stdin = command === 'explain' ? '' : 'x'.repeat(16_777_217)
    const { code, out, err } = await iamfetch(args, { stdin })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('has more than 16777216 bytes')
  },
)

import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { cognitoCredentials } from '@iamfetch/cognito'
import { IamFetchError, jwtPayload, type CredentialsSource } from '@iamfetch/core'
import { regionOf } from '@iamfetch/sigv4'
import { createIamFetch } from '../iam-fetch.ts'
import { defaultCredentials, fromProfile } from '../node/index.ts'
import { createTokenFetch, type TokenSource } from '../token-fetch.ts'
import { CommandError, type Command, type Surroundings } from './command.ts'
import { givenUrl } from './given-url.ts'
import { linesOf } from './lines.ts'
import { bridge } from './mcp-bridge.ts'
import { signedAs } from './sign.ts'

/** `mcp`: a bridge from stdin and stdout to an MCP server that IAM guards. */
export const mcpCommand: Command = {
  summary: 'connects an MCP client on this machine to a server that IAM guards',
  help: `mcp <url> [--profile <name>] [--region <name>] [--service <name>]
    [--token-command <command>] [--identity-pool <id>] [--user <name>]

Passes MCP messages (JSON-RPC) from stdin and stdout on to an MCP server behind
an IAM route (Streamable HTTP), and signs each one. Name it as the command of a
server in the settings of a desktop client.

Without an option it signs with the credentials of the AWS SDK's usual order:
environment, profile, container, instance.

  --profile <name>       With a profile: static keys, or its credential_process.
  --token-command <cmd>  Prints a token: run by a shell when the last one is
                         about to expire. Sent as a bearer token, or with
  --identity-pool <id>   exchanged for the credentials of the user's role.
  --user <name>          As a user of the local stack that runs here.
  --region <name>        Else from the URL, else AWS_REGION or AWS_DEFAULT_REGION.
  --service <name>       Else from the URL, else execute-api.

Nothing but messages is written to stdout. Exit codes: 0 the client closed its
input, 1 the credentials could not be had, 2 the command is wrong.`,
  async run(args, surroundings) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        profile: { type: 'string' },
        region: { type: 'string' },
        service: { type: 'string' },
        user: { type: 'string' },
        'token-command': { type: 'string' },
        'identity-pool': { type: 'string' },
      },
    })
    const [target, ...more] = positionals
    if (target === undefined) throw new CommandError('A URL is missing. Add one: mcp https://…/mcp')
    if (more.length > 0) throw new CommandError('There are too many arguments. Pass one URL.')
    if (!/^https?:\/\//.test(target) || !URL.canParse(target)) {
      throw new CommandError('The URL is not absolute. Pass one that begins with https://.')
    }
    const url = givenUrl(target)
    const iamFetch = await fetchOf(url, values, surroundings)
    await bridge({
      url,
      iamFetch,
      lines: linesOf(process.stdin),
      write: (line) => surroundings.print(line),
      note: (text) => surroundings.note(text),
    })
    return 0
  },
}

interface Values {
  profile?: string | undefined
  region?: string | undefined
  service?: string | undefined
  user?: string | undefined
  'token-command'?: string | undefined
  'identity-pool'?: string | undefined
}

async function fetchOf(
  url: string,
  values: Values,
  surroundings: Surroundings,
): Promise<typeof globalThis.fetch> {
  const command = values['token-command']
  const identityPoolId = values['identity-pool']
  const { origin, host } = new URL(url)
  const given = ['profile', 'user', 'token-command'] as const
  const chosen = given.filter((name) => values[name] !== undefined)
  if (chosen.length > 1) throw new CommandError(`--${chosen.join(' and --')} cannot be combined.`)
  if (identityPoolId !== undefined && command === undefined) {
    throw new CommandError(
      '--identity-pool needs --token-command, which prints the ID token of the user.',
    )
  }
  if (command !== undefined && identityPoolId === undefined) {
    return createTokenFetch({ origins: [origin], token: tokenFrom(command) })
  }
  const { env } = surroundings
  const local = values.user === undefined ? undefined : await signedAs(values, url, surroundings)
  const fromHost =
    regionOf(host) === undefined ? (env.AWS_REGION ?? env.AWS_DEFAULT_REGION) : undefined
  return createIamFetch({
    origins: [origin],
    region: values.region ?? local?.region ?? fromHost,
    service: values.service ?? local?.service,
    credentials: local?.credentials ?? credentialsOf(values, command, identityPoolId),
  })
}

function credentialsOf(
  { profile }: Values,
  command: string | undefined,
  identityPoolId: string | undefined,
): CredentialsSource {
  if (identityPoolId !== undefined && command !== undefined) {
    return cognitoCredentials({ identityPoolId, idToken: tokenFrom(command) })
  }
  return profile === undefined ? defaultCredentials() : fromProfile({ profile })
}

/** A token is printed again when it has less than this left. */
const MIN_LIFE_MS = 60_000
const TIMEOUT_MS = 60_000

/** Reads tokens from a command, and keeps each until it is about to expire. Messages that need one at the same time share one run. */
export function tokenFrom(
  command: string,
  run: (command: string) => Promise<string> = outputOf,
): TokenSource {
  let cached: { token: string; expiresAt: number } | undefined
  let running: Promise<string> | undefined
  const read = async (): Promise<string> => {
    const token = (await run(command)).trim()
    if (!/^[\w.~+/-]+=*$/.test(token))
      throw commandFailed('did not print a token and nothing else', false)
    const exp = jwtPayload(token)?.exp
    cached = { token, expiresAt: typeof exp === 'number' ? exp * 1_000 : 0 }
    return token
  }
  return async ({ forceRefresh = false } = {}) => {
    if (cached && !forceRefresh && cached.expiresAt - Date.now() > MIN_LIFE_MS) return cached.token
    running ??= read().finally(() => (running = undefined))
    return running
  }
}

/** What the command printed may contain the token, so it is not quoted. */
const commandFailed = (what: string, retryable: boolean): IamFetchError =>
  new IamFetchError('CREDENTIALS_UNAVAILABLE', `The command of --token-command ${what}.`, {
    remedy: 'Run the command by itself, and see what it prints.',
    retryable,
  })

async function outputOf(command: string): Promise<string> {
  const isWindows = process.platform === 'win32'
  const [shell, option] = isWindows ? ['cmd.exe', '/c'] : ['sh', '-c']
  try {
    const { stdout } = await promisify(execFile)(shell, [option, command], {
      timeout: TIMEOUT_MS,
      // A command may ignore any other signal.
      killSignal: 'SIGKILL',
      maxBuffer: 1_048_576,
      windowsHide: true,
    })
    return stdout
  } catch {
    // Not a sign-out: calls that have their token go on.
    throw commandFailed('failed', true)
  }
}

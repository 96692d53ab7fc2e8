import { parseArgs } from 'node:util'
import type { Credentials, CredentialsProvider } from '@iamfetch/core'
import { createSigner, regionOf } from '@iamfetch/sigv4'
import { CommandError, type Command, type Surroundings } from './command.ts'
import { curlLine, type SignedRequest } from './curl.ts'
import { givenUrl } from './given-url.ts'
import { readInput } from './input.ts'
import { credentialsOf } from './local-user.ts'
import { findStack } from './running-stack.ts'

/** `sign`: a signed request for curl. */
export const signCommand: Command = {
  summary: 'prints a signed request for curl',
  help: `sign [--user <name>] [<method>] <url or path>
    [-H 'name: value'] [--data <body>] [--json]

Signs one request (AWS Signature Version 4) and prints a curl command that sends
it. Nothing is sent to the API. The request works for five minutes.

  --user <name>     As a user of the local stack that runs here: signs in and
                    takes the credentials of the group's role. A path is then
                    enough: sign --user alice GET /test | sh
  --api <name>      For which API or function URL a path is, where the stack
                    has several.
  --stack <url>     The stack's Cognito URL on this machine, where several
                    stacks run. A password that the stack does not tell is read
                    from IAMFETCH_PASSWORD.
  --region <name>   Else from the URL, else AWS_REGION or AWS_DEFAULT_REGION.
  --service <name>  Default: execute-api.
  -X, --request <method>
                    The method, as for curl, instead of the first argument.
  -H, --header <h>  A header, as for curl; may be given again.
  -d, --data <body> The body; @file reads it from a file, @- from stdin. The
                    method is then POST, unless one is given, and the content
                    type application/json where it is JSON.
  --json            Prints { method, url, headers, body, expiresAt } as JSON.

Without --user the credentials are AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
AWS_SESSION_TOKEN. The secret key is never printed. The session token is
printed, because it is a header of the request: anyone who has the output can
send this request as you for five minutes, and no other request.
Exit codes: 0 signed, 1 signing in or finding the stack failed, 2 the command is
wrong.`,
  async run(args, surroundings) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        user: { type: 'string' },
        api: { type: 'string' },
        stack: { type: 'string' },
        region: { type: 'string' },
        service: { type: 'string' },
        request: { type: 'string', short: 'X' },
        header: { type: 'string', short: 'H', multiple: true, default: [] },
        data: { type: 'string', short: 'd' },
        json: { type: 'boolean', default: false },
      },
    })
    const body = values.data === undefined ? undefined : await bodyOf(values.data)
    if (!values.json && body?.includes('\0')) {
      throw new CommandError('The body contains a NUL byte, which a shell removes. Use --json.')
    }
    const { method, target } = requestFrom(values.request, positionals, body !== undefined)
    const { credentials, url, region, service } = await signedAs(values, target, surroundings)
    const request = new Request(url, {
      method,
      headers: headersOf(values.header, body),
      ...(body !== undefined && { body }),
    })
    const at = Date.now()
    const signed = await createSigner({
      credentials,
      region: values.region ?? region,
      service: values.service ?? service,
    }).sign(request)
    const whole: SignedRequest = {
      method,
      url: signed.url,
      headers: Object.fromEntries(signed.headers),
      ...(body !== undefined && { body }),
    }
    const expiresAt = new Date(at + 300_000).toISOString()
    surroundings.print(values.json ? JSON.stringify({ ...whole, expiresAt }) : curlLine(whole))
    if ('x-amz-security-token' in whole.headers) {
      surroundings.note(
        'The session token is in the output, as it has to be. Do not share it: the request works for five minutes.',
      )
    }
    return 0
  },
}

const METHODS = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/

function requestFrom(
  request: string | undefined,
  positionals: readonly string[],
  hasBody: boolean,
): { method: string; target: string } {
  if (request !== undefined && positionals.length > 1) {
    throw new CommandError('There are two methods. Pass one, as an argument or with -X.')
  }
  const [first, second, ...more] = request === undefined ? positionals : [request, ...positionals]
  if (first === undefined || (request !== undefined && second === undefined)) {
    throw new CommandError('A URL is missing. Add one: sign GET https://…')
  }
  if (more.length > 0)
    throw new CommandError(
      'There are too many arguments. Pass a method and a URL, and the body with --data.',
    )
  const defaultMethod = hasBody ? 'POST' : 'GET'
  const method = second === undefined ? defaultMethod : first.toUpperCase()
  if (!METHODS.test(method)) throw new CommandError(`${first} is not an HTTP method.`)
  if (hasBody && (method === 'GET' || method === 'HEAD')) {
    throw new CommandError(`${method} has no body. Remove --data, or use another method.`)
  }
  return { method, target: second ?? first }
}

/** As whom a request is signed. */
interface Values {
  user?: string | undefined
  api?: string | undefined
  stack?: string | undefined
}

/**
 * Finds the credentials for a URL: those of a user of the local stack, or of the environment.
 *
 * @throws CommandError that says what is missing.
 */
export async function signedAs(
  { user, api, stack: stackUrl }: Values,
  target: string,
  surroundings: Surroundings,
): Promise<{
  credentials: Credentials | CredentialsProvider
  url: string
  region: string | undefined
  /** Of a function URL of the local stack. */
  service?: string | undefined
}> {
  const { env } = surroundings
  if (user === undefined) {
    const url = absolute(target)
    if (url) return { credentials: fromEnvironment(env), url, region: regionIn(env, url) }
    throw new CommandError(
      `${target === '' || target.includes('@') ? 'The text' : target} is not an absolute URL. Pass one that begins with https://, or add --user for an API of the local stack.`,
    )
  }
  const stack = await findStack(stackUrl, surroundings)
  const apis: Apis = { ...stack.config.apis, ...stack.config.functionUrls }
  const url = absolute(target) ?? joined(apiUrl(apis, api), target)
  const hosts = Object.values(apis).map((entry) => new URL(entry.url).host)
  const called = Object.values(apis).find((entry) => new URL(entry.url).host === new URL(url).host)
  if (!called) {
    throw new CommandError(
      `${new URL(url).origin} is not an API of the local stack: ${hosts.join(', ')}.`,
    )
  }
  const credentials = await credentialsOf(user, stack, surroundings)
  return { credentials, url, region: stack.config.region, service: called.service }
}

/** The APIs and function URLs of a stack, whose names differ. */
type Apis = Readonly<Record<string, { url: string; service?: string }>>

function apiUrl(apis: Apis, name: string | undefined): string {
  const names = Object.keys(apis).join(', ')
  const [only, ...others] = Object.entries(apis).filter(
    ([key, { url }]) => (name === undefined || key === name) && url.startsWith('http'),
  )
  if (only && others.length === 0) return only[1].url
  throw new CommandError(
    only
      ? `The stack has several APIs. Choose one with --api: ${names}.`
      : `The stack has no HTTP API and no function URL ${name ?? ''}. It has: ${names}.`,
  )
}

const absolute = (text: string): string | undefined =>
  /^https?:\/\//.test(text) && URL.canParse(text) ? givenUrl(text) : undefined

const joined = (base: string, path: string): string =>
  `${base.replace(/\/$/, '')}/${path.replace(/^\//, '')}`

function fromEnvironment(env: Surroundings['env']): Credentials {
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].filter((name) => !env[name])
  if (missing.length > 0) throw new CommandError(notSet(missing, env))
  return {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
  }
}

function notSet(missing: readonly string[], { AWS_PROFILE }: Surroundings['env']): string {
  const what =
    missing.length === 1
      ? `The environment variable ${missing[0]} is not set`
      : `The environment variables ${missing.join(' and ')} are not set`
  const profile = AWS_PROFILE ? ', and profiles are not read' : ''
  return `${what}${profile}. Run: eval "$(aws configure export-credentials --format env)". For an API of the local stack, pass --user instead.`
}

/** The environment's region, where the host name does not tell its own. */
const regionIn = (env: Surroundings['env'], url: string): string | undefined =>
  regionOf(new URL(url).host) ? undefined : (env.AWS_REGION ?? env.AWS_DEFAULT_REGION)

function headersOf(given: readonly string[], body: string | undefined): Headers {
  const headers = new Headers()
  for (const line of given) {
    const colon = line.indexOf(':')
    try {
      if (colon < 1) throw new TypeError('no colon')
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
    } catch {
      // It may hold a secret, so it is not shown.
      throw new CommandError("-H must be 'name: value', on one line.")
    }
  }
  if (body !== undefined && !headers.has('content-type') && isJson(body)) {
    headers.set('content-type', 'application/json')
  }
  return headers
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

async function bodyOf(data: string): Promise<string> {
  if (!data.startsWith('@')) return data
  const bytes = await readInput(data.slice(1), 'the body')
  const text = bytes.toString('utf8')
  if (Buffer.from(text, 'utf8').equals(bytes)) return text
  throw new CommandError(
    'The body is not UTF-8 text, and a curl command cannot contain other bytes. Use --json.',
  )
}

import { lstatSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readText } from '@iamfetch/core'
import { CommandError, type Surroundings } from './command.ts'
import { givenUrl } from './given-url.ts'

/** A local stack that runs on this machine, as it describes itself. */
export interface RunningStack {
  cwd: string
  /** The file, or `null` for the sample. */
  definition: string | null
  config: {
    region: string
    userPoolClientId: string
    identityPoolId: string
    apis: Record<string, { url: string }>
    /** Not there in a stack of an earlier version. */
    functionUrls?: Record<string, { url: string; service: string }>
    endpoints: { cognitoIdp: string; cognitoIdentity: string }
  }
  /** Not there where only the stack's URL is known. */
  users?: Record<string, { username: string; password: string }>
}

/**
 * Finds the stack that `iamfetch-local` runs: by its Cognito URL, or by the sockets of the stacks that this person started. If
 * there are several, it is the one that was started in this folder.
 *
 * @throws CommandError when there is none, when there are several, and for a URL of another machine: it would be sent a
 *   password, and a signed request could be sent on.
 */
export async function findStack(
  url: string | undefined,
  { env, name }: Pick<Surroundings, 'env' | 'name'>,
): Promise<RunningStack> {
  const origin = url === undefined ? undefined : ownOrigin(url)
  const running = await atSockets(env)
  if (origin !== undefined) {
    const known = running.find(({ config }) => config.endpoints.cognitoIdp === origin)
    return known ?? { cwd: '', definition: null, config: await configAt(origin) }
  }
  const inThisFolder = running.filter(({ cwd }) => cwd === process.cwd())
  const [first, ...others] = inThisFolder.length > 0 ? inThisFolder : running
  if (!first) {
    throw new CommandError(
      `No local stack is running. Start one in another terminal: npx @iamfetch/local${name === 'iamfetch-local' ? '' : ' (or pass --stack <its Cognito URL>)'}`,
      1,
    )
  }
  if (others.length === 0) return first
  const list = [first, ...others].map(
    ({ config, definition, cwd }) =>
      `  --stack ${config.endpoints.cognitoIdp}   ${definition ?? 'the sample'}, started in ${cwd}`,
  )
  throw new CommandError(
    `Several local stacks are running. Choose one with --stack:\n${list.join('\n')}`,
  )
}

async function atSockets(env: Surroundings['env']): Promise<RunningStack[]> {
  const uid = process.getuid?.()
  if (uid === undefined) return []
  // The same folder as in the local stack's terminal/user-socket.ts.
  const folder = join(env.XDG_RUNTIME_DIR || tmpdir(), `iamfetch-local-${uid}`)
  let names: string[]
  try {
    // Another user's socket would receive passwords, and would decide where requests go.
    const stats = lstatSync(folder)
    if (!stats.isDirectory() || stats.uid !== uid || stats.mode & 0o077) return []
    names = readdirSync(folder).filter(
      (name) => name.endsWith('.sock') && lstatSync(join(folder, name)).uid === uid,
    )
  } catch {
    return []
  }
  const answers = await Promise.all(names.map((name) => atSocket(join(folder, name))))
  return answers.filter((stack) => stack !== undefined)
}

/** A stack describes itself in a few kilobytes, at once. */
const MAX_DESCRIPTION = 1_048_576
const TIMEOUT_MS = 2_000

/** `undefined` if the stack has ended: its socket may be left over. */
const atSocket = (socketPath: string): Promise<RunningStack | undefined> =>
  new Promise((resolve) => {
    const asking = request(
      { socketPath, path: '/', signal: AbortSignal.timeout(TIMEOUT_MS) },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          if (text.length > MAX_DESCRIPTION) asking.destroy()
        })
        response.on('error', () => resolve(undefined))
        response.on('end', () => {
          try {
            resolve(JSON.parse(text))
          } catch {
            resolve(undefined)
          }
        })
      },
    )
    asking.on('error', () => resolve(undefined))
    asking.end()
  })

/** @returns The origin of a URL of this machine. */
function ownOrigin(text: string): string {
  const { origin, pathname, search, hash } = new URL(givenUrl(text))
  if (isOnThisMachine(text) && pathname === '/' && !search && !hash) return origin
  throw new CommandError(
    `--stack ${text} is not a stack on this machine: pass its Cognito URL, such as http://127.0.0.1:9400. To reach another machine, forward a port (ssh -L).`,
  )
}

/** @see [RFC 6761 §6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3) for `*.localhost` */
function isOnThisMachine(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname)
}

async function configAt(url: string): Promise<RunningStack['config']> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(`${url}/config.json`, { redirect: 'error', signal })
    const config: RunningStack['config'] & { mode?: string } = JSON.parse(await readText(response))
    const { cognitoIdp, cognitoIdentity } = config.endpoints
    const called = [...Object.values(config.apis), ...Object.values(config.functionUrls ?? {})]
    const named = [cognitoIdp, cognitoIdentity, ...called.map(({ url: apiUrl }) => apiUrl)]
    // A server there may name other hosts.
    if (config.mode === 'local' && named.every(isOnThisMachine)) return config
  } catch {
    // Reported below.
  }
  throw new CommandError(
    `At ${url} there is no local stack. --stack takes its Cognito URL, such as http://127.0.0.1:9400.`,
    1,
  )
}

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLocalStack, type RouteDefinition } from '../../src/index.ts'

const HERE = join(import.meta.dirname, '../support/other-languages')

/** Starts a program that prints its address, and ends it after the test. */
async function start(command: string, args: readonly string[]): Promise<string> {
  const program = spawn(command, args, {
    cwd: HERE,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    const ended = once(program, 'exit')
    program.kill()
    await ended
  })
  const [line]: Buffer[] = await once(program.stdout, 'data')
  return String(line).trim()
}

/** A stack whose role for alice may GET and POST, and whose role for bob may GET `/notes` alone. */
async function callers(route: Omit<RouteDefinition, 'auth'>) {
  const may = (...calls: string[]) => ({
    Version: '2012-10-17' as const,
    Statement: {
      Effect: 'Allow' as const,
      Action: 'execute-api:Invoke',
      Resource: calls.map((call) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/${call}`),
    },
  })
  const stack = await startLocalStack({
    groups: {
      Writers: { policy: may('GET/*', 'POST/*') },
      Readers: { policy: may('GET/notes') },
    },
    users: { alice: { groups: ['Writers'] }, bob: { groups: ['Readers'] } },
    apis: { notes: { type: 'http', routes: { 'ANY /{proxy+}': { auth: 'iam', ...route } } } },
  })
  onTestFinished(() => stack.stop())
  const { identityPoolId, endpoints, region, apis } = stack.config
  return (username: string) =>
    createIamFetch({
      baseUrl: apis['notes'].url,
      region,
      service: 'execute-api',
      retry: { attempts: 1 },
      credentials: cognitoCredentials({
        identityPoolId,
        endpoint: endpoints.cognitoIdentity,
        idToken: async () => (await stack.signIn(username)).idToken,
      }),
    })
}

const has = (command: string): boolean => spawnSync(command, ['version']).status === 0

const buildGo = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'go-server-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const program = join(folder, 'server')
  const built = spawnSync('go', ['build', '-o', program, 'server.go'], { cwd: HERE })
  if (built.status !== 0) throw new Error(String(built.stderr))
  return program
}

/** HTTP servers in the languages that this machine has, Python in any case. */
const SERVERS = [
  { language: 'Python', run: () => start('python3', ['server.py']) },
  ...(has('go') ? [{ language: 'Go', run: async () => start(await buildGo(), []) }] : []),
]

async function expectAliceAndNotBob(
  iamFetch: Awaited<ReturnType<typeof callers>>,
  language: string,
) {
  const [alice, bob] = [iamFetch('alice'), iamFetch('bob')]
  const init = { method: 'POST', body: new Uint8Array([0, 255, 10, 13]) }
  const written = await alice('/notes', init)
  expect(written.status).toBe(200)
  const answer: { language: string; caller: string; bytes?: number[] } = await written.json()
  expect(answer.language).toBe(language)
  expect(answer.caller).toMatch(/:assumed-role\/WritersRole\//)
  expect((await bob('/notes')).status).toBe(200)
  const refused = await bob('/notes', init)
  expect(refused.status).toBe(403)
  expect(refused.headers.get('x-local-reason')).toMatch(/^ImplicitDeny: /)
  return answer
}

const proxyTo = (url: string) => ({
  proxy: { url, requestParameters: { 'overwrite:header.x-caller': '$context.identity.userArn' } },
})

describe('a backend in another language serves alice and is not reached by bob', () => {
  test('a Python handler by the protocol of the runtime interface emulator', async () => {
    const lambda = await start('python3', ['emulator.py'])
    const iamFetch = await callers({ lambda })
    await expectAliceAndNotBob(iamFetch, 'Python')
    const failed = await iamFetch('alice')('/notes/missing')
    expect(failed.status).toBe(500)
    expect(failed.headers.get('x-local-reason')).toContain(`KeyError: 'missing'`)
  })

  test.each(SERVERS)('an HTTP server in $language by proxy', async ({ language, run }) => {
    const iamFetch = await callers(proxyTo(await run()))
    const { bytes } = await expectAliceAndNotBob(iamFetch, language)
    expect(bytes).toStrictEqual([0, 255, 10, 13])
  })
})

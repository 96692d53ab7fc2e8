import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { curlLine } from '../../src/cli/curl.ts'
import { iamfetch } from './run-cli.ts'

// Processes start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

const LOCAL = fileURLToPath(new URL('../../../local/src/cli.ts', import.meta.url))

/** What `sign --json` prints. */
interface Signed {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
  expiresAt: string
}

let folder: string
let stack: ChildProcess
let told: { config: { endpoints: { cognitoIdp: string }; apis: { test: { url: string } } } } & {
  users: Record<string, { password: string }>
}
let env: Record<string, string>

const startStack = async (cwd: string): Promise<[ChildProcess, typeof told]> => {
  const child = spawn(
    process.execPath,
    ['--conditions=@iamfetch/source', LOCAL, '--json', '--quiet', '--no-reload'],
    { cwd, env: { ...process.env, XDG_RUNTIME_DIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const out = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += String(chunk)
      if (text.endsWith('\n')) resolve(text)
    })
    child.once('exit', (code) => reject(new Error(`the stack ended with ${code}`)))
  })
  return [child, JSON.parse(out)]
}

const end = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGINT')
  await once(child, 'exit')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-cli-'))
  env = { XDG_RUNTIME_DIR: folder }
  ;[stack, told] = await startStack(folder)
}, 20_000)
afterAll(async () => {
  await end(stack)
  await rm(folder, { recursive: true })
})

const send = async (text: string): Promise<number> => {
  const { method, url, headers, body } = JSON.parse(text) as Signed
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) })
  await response.text()
  return response.status
}

describe('iamfetch sign --user', () => {
  it('signs as a user of the running stack, with the permissions of their group', async () => {
    const args = ['sign', '--json', '--user']
    const [mayGet, mayPost, mayNot] = await Promise.all([
      iamfetch([...args, 'bob', 'GET', '/test'], { env }),
      iamfetch([...args, 'alice', '/test', '--data', '{"a":1}'], { env }),
      iamfetch([...args, 'bob', 'POST', '/test'], { env }),
    ])
    expect([mayGet.code, mayPost.code, mayNot.code]).toEqual([0, 0, 0])
    expect(JSON.parse(mayPost.out)).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await Promise.all([mayGet, mayPost, mayNot].map(({ out }) => send(out)))).toEqual([
      200, 200, 403,
    ])
    expect(mayGet.err).toContain('The session token is in the output')
  })

  it('prints a command that a shell runs as it is', async () => {
    const { out } = await iamfetch(
      ['sign', '--user', 'alice', 'POST', "/test?a=it's&b[]={x}", '-d', `it's "quoted" $HOME`],
      { env },
    )
    const { stdout } = await promisify(execFile)('sh', ['-c', out])
    expect(stdout).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('keeps the password off the disk and its socket to one person', async () => {
    const [own] = (await readdir(folder)).filter((name) => name.startsWith('iamfetch-local-'))
    const place = await stat(join(folder, own!))
    expect(place.mode & 0o777).toBe(0o700)
    const [socket] = await readdir(join(folder, own!))
    expect((await stat(join(folder, own!, socket!))).isSocket()).toBe(true)
  })

  it('takes a stack by its URL, with a password from the environment', async () => {
    const elsewhere = { XDG_RUNTIME_DIR: join(folder, 'nothing-here') }
    const args = ['sign', '--json', '--stack', told.config.endpoints.cognitoIdp, '--user', 'alice']
    const [unknown, wrong, right] = await Promise.all([
      iamfetch([...args, '/test'], { env: elsewhere }),
      iamfetch([...args, '/test'], { env: { ...elsewhere, IAMFETCH_PASSWORD: 'no' } }),
      iamfetch([...args, '/test'], {
        env: { ...elsewhere, IAMFETCH_PASSWORD: told.users['alice']!.password },
      }),
    ])
    expect([unknown.code, wrong.code, right.code]).toEqual([2, 1, 0])
    expect(unknown.err).toContain('IAMFETCH_PASSWORD')
    expect(wrong.err).toContain('alice cannot sign in: Incorrect username or password.')
    expect(await send(right.out)).toBe(200)
  })

  it('gives no password to whom a stack at a URL redirects, or names', async () => {
    const seen: string[] = []
    const elsewhere = 'http://stack.example'
    const answers: Record<string, (url: string) => [number, Record<string, string>, unknown]> = {
      redirects: () => [302, { location: `${told.config.endpoints.cognitoIdp}/config.json` }, {}],
      names: (url) => [
        200,
        {},
        {
          mode: 'local',
          region: 'eu-central-1',
          endpoints: { cognitoIdp: elsewhere, cognitoIdentity: url },
          apis: { test: { url } },
        },
      ],
      'names a function URL': (url) => [
        200,
        {},
        {
          mode: 'local',
          region: 'eu-central-1',
          endpoints: { cognitoIdp: url, cognitoIdentity: url },
          apis: {},
          functionUrls: { chat: { url: elsewhere, service: 'lambda' } },
        },
      ],
    }
    for (const answer of Object.values(answers)) {
      const server = createServer((incoming, outgoing) => {
        seen.push(`${incoming.method} ${incoming.url}`)
        const [status, headers, body] = answer(`http://${incoming.headers.host}`)
        outgoing.writeHead(status, headers).end(JSON.stringify(body))
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const { code, err } = await iamfetch(
        ['sign', '--stack', `http://127.0.0.1:${port}`, '--user', 'alice', '/test'],
        { env: { XDG_RUNTIME_DIR: join(folder, 'nothing-here'), IAMFETCH_PASSWORD: 'hunter2' } },
      )
      server.close()
      expect([code, err]).toEqual([1, expect.stringContaining('there is no local stack')])
    }
    expect(seen).toEqual(Array.from(Object.keys(answers), () => 'GET /config.json'))
  })

  it('takes the stack of its folder where several run, and lists them where none is', async () => {
    const other = await mkdtemp(join(folder, 'other-'))
    const [second, its] = await startStack(other)
    const args = ['sign', '--json', '--user', 'alice', '/test']
    const [here, nowhere] = await Promise.all([
      iamfetch(args, { env, cwd: other }),
      iamfetch(args, { env, cwd: tmpdir() }),
    ])
    await end(second)
    expect(JSON.parse(here.out).url).toBe(`${its.config.apis.test.url}/test`)
    expect(nowhere.code).toBe(2)
    expect(nowhere.err).toContain(`--stack ${told.config.endpoints.cognitoIdp}`)
    expect(nowhere.err).toContain(`--stack ${its.config.endpoints.cognitoIdp}`)
  })

  it.each([
    [['--user', 'eve', '/test'], 2, 'The stack has no user eve. It has: alice, bob.'],
    [
      ['--user', 'alice', '--api', 'nope', '/test'],
      2,
      'The stack has no HTTP API and no function URL nope. It has: test.',
    ],
    [
      ['--user', 'alice', 'https://example.com/'],
      2,
      'https://example.com is not an API of the local stack',
    ],
    [['--user', 'alice', 'FETCH', '/test'], 2, 'FETCH is not an HTTP method.'],
    [['--user', 'alice', 'GET', '/test', '-d', 'x'], 2, 'GET has no body.'],
    [['--user', 'alice', '/test', '-H', 'hunter2'], 2, "-H must be 'name: value'"],
    [['--user', 'alice', '/test', '-d', '@/no/file'], 2, 'There is no file /no/file.'],
    ...[
      'http://stack.example:9400',
      'http://127.0.0.1.evil.example',
      'http://10.0.0.1:9400/',
      'http://127.0.0.1:9400/x',
      'ws://evil.example',
    ].map((url): [string[], number, string] => [
      ['--stack', url, '--user', 'alice', '/test'],
      2,
      `--stack ${url} is not a stack on this machine`,
    ]),
    [
      ['--stack', 'http://a:hunter2@127.0.0.1', '--user', 'alice', '/test'],
      2,
      'a user or a password.',
    ],
    [['--stack', 'http://127.0.0.1:9', '--user', 'alice', '/test'], 1, 'there is no local stack'],
    [['/test'], 2, '/test is not an absolute URL.'],
    [['bob:hunter2@a.example/test'], 2, 'The text is not an absolute URL.'],
    [['https://bob:hunter2@a.example/'], 2, 'The URL contains a user or a password.'],
    [[], 2, 'A URL is missing. Add one'],
  ])('says in words what is wrong: %j', async (args, code, message) => {
    const ended = await iamfetch(['sign', ...args], { env })
    expect([ended.code, ended.out]).toEqual([code, ''])
    expect(ended.err).toContain(message)
    expect(ended.err).not.toContain('hunter2')
  })

  it('says how to start a stack where none runs', async () => {
    const { code, err } = await iamfetch(['sign', '--user', 'alice', '/test'], {
      env: { XDG_RUNTIME_DIR: join(folder, 'nothing-here') },
    })
    expect([code, err]).toEqual([1, expect.stringContaining('npx @iamfetch/local')])
  })
})

describe('iamfetch sign, with credentials from the environment', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'SECRET-KEY' }
  const URL_AT_AWS = 'https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod/test'

  it('reads the region from the host, and never prints the secret key', async () => {
    const { code, out, err } = await iamfetch(['sign', URL_AT_AWS], {
      env: { ...keys, AWS_REGION: 'us-east-1' },
    })
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('/eu-central-1/execute-api/aws4_request')
    expect(out).toContain(`curl -sS -i -X GET --globoff '${URL_AT_AWS}'`)
    expect(out).not.toContain('SECRET-KEY')
  })

  it('takes the region of the environment for a custom domain, or requires one', async () => {
    const url = 'https://api.example.com/test'
    const [given, missing] = await Promise.all([
      iamfetch(['sign', url], { env: { ...keys, AWS_REGION: 'eu-west-1' } }),
      iamfetch(['sign', url], { env: keys }),
    ])
    expect(given.out).toContain('/eu-west-1/execute-api/')
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('Pass the region')])
  })

  it('takes the method with -X as curl does, and prints its version', async () => {
    const [put, both, version] = await Promise.all([
      iamfetch(['sign', '-X', 'put', URL_AT_AWS, '--json'], { env: keys }),
      iamfetch(['sign', '--request', 'PUT', 'GET', URL_AT_AWS], { env: keys }),
      iamfetch(['--version']),
    ])
    expect(JSON.parse(put.out).method).toBe('PUT')
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('There are two methods.')])
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })

  it('prints the session token and says so', async () => {
    const { out, err } = await iamfetch(['sign', URL_AT_AWS, '--json'], {
      env: { ...keys, AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SESSION_TOKEN: 'TOKEN' },
    })
    expect(JSON.parse(out).headers['x-amz-security-token']).toBe('TOKEN')
    expect(err).toContain('The session token is in the output')
  })

  it('names the variables that are missing, and what sets them', async () => {
    const [both, one] = await Promise.all([
      iamfetch(['sign', URL_AT_AWS]),
      iamfetch(['sign', URL_AT_AWS], { env: { AWS_ACCESS_KEY_ID: 'AKIA', AWS_PROFILE: 'dev' } }),
    ])
    expect([both.code, both.err]).toEqual([
      2,
      expect.stringContaining(
        'variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. Run: eval "$(aws configure export-credentials',
      ),
    ])
    expect([one.code, one.err]).toEqual([
      2,
      expect.stringContaining('AWS_SECRET_ACCESS_KEY is not set, and profiles are not read. Run:'),
    ])
  })
})

describe('a body for curl', () => {
  it('has no NUL byte, which a shell would leave out; in JSON it may', async () => {
    const file = join(folder, 'nul')
    await writeFile(file, 'a\0b')
    const args = ['sign', '--user', 'alice', '/test', '-d', `@${file}`]
    const [line, json] = await Promise.all([
      iamfetch(args, { env }),
      iamfetch([...args, '--json'], { env }),
    ])
    expect([line.code, line.out]).toEqual([2, ''])
    expect(line.err).toContain('NUL')
    expect(JSON.parse(json.out).body).toBe('a\0b')
  })
})

describe('curlLine', () => {
  it('leaves no way out of the quotes', () => {
    const line = curlLine({ method: 'GET', url: `http://a/'$(id)'`, headers: { a: `'; id; '` } })
    expect(line).toBe(
      `curl -sS -i -X GET --globoff 'http://a/'\\''$(id)'\\''' -H 'a: '\\''; id; '\\'''`,
    )
  })

  it('has the body that a file holds', async () => {
    const path = join(folder, 'body.json')
    await writeFile(path, '[1]')
    const { out } = await iamfetch(
      ['sign', '--user', 'alice', '/test', '-d', `@${path}`, '--json'],
      {
        env,
      },
    )
    expect(await send(out)).toBe(200)
  })
})

describe('a socket that another user may have put there', () => {
  it('receives no request and no password: in a folder open to others, or behind a link', async () => {
    const place = await mkdtemp(join(tmpdir(), 'iamfetch-cli-'))
    const own = join(place, `iamfetch-local-${process.getuid?.()}`)
    await mkdir(own, { mode: 0o700 })
    let asked = 0
    const impostor = createServer((_request, response) => {
      asked++
      response.end(JSON.stringify({ cwd: '/', definition: null, config: told.config }))
    })
    impostor.listen(join(own, '1.sock'))
    await once(impostor, 'listening')
    const signed = () =>
      iamfetch(['sign', '--user', 'alice', '/test'], {
        env: { XDG_RUNTIME_DIR: place, IAMFETCH_PASSWORD: 'hunter2-hunter2' },
      })
    try {
      // As a folder of one's own it would be asked.
      expect((await signed()).err).toContain('alice cannot sign in')
      expect(asked).toBe(1)
      await chmod(own, 0o770)
      const open = await signed()
      await chmod(own, 0o700)
      await rename(own, join(place, 'elsewhere'))
      await symlink(join(place, 'elsewhere'), own)
      const linked = await signed()
      for (const { code, err } of [open, linked]) {
        expect(code).toBe(1)
        expect(err).toContain('No local stack is running')
      }
      expect(asked).toBe(1)
    } finally {
      impostor.close()
      await rm(place, { recursive: true })
    }
  })
})

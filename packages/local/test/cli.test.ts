import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { verifyTokenOf, signInAt, type Told } from './support/cli-user.ts'

// Processes start slowly on a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

let folder: string
let children: ChildProcessWithoutNullStreams[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iamfetch-local-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  }
  await rm(folder, { recursive: true })
})

/** A command that runs, with what it has written so far. */
function started(args: string[]) {
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, NO_COLOR: '1' }
  const child = spawn(process.execPath, ['--conditions=@iamfetch/source', CLI, ...args], {
    cwd: folder,
    env,
  })
  children.push(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (said.out += String(chunk)))
  child.stderr.on('data', (chunk) => (said.err += String(chunk)))
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const until = (stream: 'out' | 'err', text: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (text.test(said[stream])) resolve()
      }
      child[`std${stream}`].on('data', look)
      child.once('close', () => reject(new Error(`It ended without ${text}: ${said.err}`)))
      look()
    })
  return { child, said, code, until }
}

/** Runs the command; ends it by Ctrl-C when `until` has been printed. */
async function run(
  args: string[],
  until?: RegExp,
): Promise<{ code: number | null; out: string; err: string }> {
  const one = started(args)
  if (until) {
    await one.until('out', until)
    one.child.kill('SIGINT')
  }
  return { code: await one.code, ...one.said }
}

/** A definition with one group, one user, one app client and one API, in two files. */
async function project(methods: string): Promise<string> {
  const file = join(folder, 'stack.mjs')
  await writeFile(join(folder, 'methods.mjs'), `export default ${methods}`)
  await writeFile(
    file,
    `import methods from './methods.mjs'
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke',
      Resource: methods.map((method) => 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/' + method + '/notes') }] }
    const handler = async () => ({ statusCode: 200, body: '{}' })
    export default {
      groups: { Readers: { policy } },
      users: { alice: { groups: ['Readers'] } },
      resourceServers: { notes: ['read'] },
      appClients: { reader: { scopes: ['notes/read'] } },
      apis: { notes: { type: 'rest', routes: {
        'GET /notes': { auth: 'iam', handler }, 'POST /notes': { auth: 'iam', handler }, 'GET /open': { auth: 'none', handler } } } },
    }`,
  )
  return file
}

/** Puts a file in the place of another, as an editor does: written at once, it is one change and not two. */
async function save(name: string, text: string): Promise<void> {
  await writeFile(join(folder, `${name}~`), text)
  await rename(join(folder, `${name}~`), join(folder, name))
}

const lastJson = (out: string): Told => JSON.parse(out.trim().split('\n').at(-1)!)

/** What a terminal must not be sent. */
// oxlint-disable-next-line no-control-regex
const unsafe = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/

describe('iamfetch-local', () => {
  it('runs the sample, prints its URLs and passwords, and ends by Ctrl-C', async () => {
    const { code, out, err } = await run([], /Ctrl-C ends it/)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /API test\n {2}http:\/\/127\.0\.0\.1:\d+\n {4}GET \/test +iam\n {4}POST \/test +iam\n/,
    )
    expect(out).toMatch(/ {2}http:\/\/127\.0\.0\.1:\d+\/config\.json\n/)
    expect(out).toMatch(/Users\n {2}alice +\S+ +FullAccess\n {2}bob +\S+ +ReadOnlyAccess\n/)
    expect(out).toContain('Try\n  npx iamfetch sign --user alice GET /test | sh\n')
  })

  it('prints JSON for programs', async () => {
    const { out } = await run(['--json'], /\n/)
    const { config, users } = JSON.parse(out)
    expect(config.mode).toBe('local')
    expect(users.alice.password).toMatch(/./)
  })

  it('runs a definition from a file, and prints calls that work as they are', async () => {
    const one = started([await project(`['GET']`)])
    await one.until('out', /Ctrl-C ends it/)
    const { out } = one.said
    expect(out).toMatch(/API notes\n {2}http:\/\/127\.0\.0\.1:\d+\/prod\n {4}GET \/notes +iam/)
    const [, open = ''] = /curl -i (\S+)/.exec(out) ?? []
    expect((await fetch(open)).status).toBe(200)
    const [, url = '', id, secret, scope = ''] =
      /curl -s (\S+) -u (\w+):(\w+) -d grant_type=client_credentials --data-urlencode 'scope=(.+)'/.exec(
        out,
      ) ?? []
    const minted = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${id}:${secret}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    })
    expect(minted.status).toBe(200)
    one.child.kill('SIGINT')
    expect(await one.code).toBe(0)
  })

  it('listens at --port and at the port after it', async () => {
    const [cognito, api] = await twoFreePorts()
    const { out } = await run(['--port', String(cognito)], /Ctrl-C ends it/)
    expect(out).toContain(`API test\n  http://127.0.0.1:${api}\n`)
    expect(out).toContain(`Cognito\n  http://127.0.0.1:${cognito}\n`)
  })

  it('says in words what is wrong, and with its exit code whether the command was', async () => {
    const bad = join(folder, 'bad.mjs')
    await writeFile(bad, `export default { users: { bob: { groups: ['Nope'] } } }`)
    const empty = join(folder, 'empty.mjs')
    await writeFile(empty, '')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const wrong: [string[], number, string][] = [
      [['--hots', '0.0.0.0'], 2, "Unknown option '--hots'. --help lists what there is."],
      [
        ['--host', '0.0.0.0'],
        2,
        '--host 0.0.0.0 can be reached by other machines. Add --allow-host',
      ],
      [['--host', 'all'], 2, '--host must be an IP address, got "all".'],
      [['--port', 'many'], 2, '--port many is not a port.'],
      [['--allow-host', '*'], 2, '--allow-host * is not a host name.'],
      [['--parameter', 'dev'], 2, '--parameter must have the form Stage=dev, got "dev".'],
      [['a', 'b'], 2, 'Give one definition at most.'],
      [[join(folder, 'none.mjs')], 1, 'There is no file'],
      [[empty], 1, 'has no default export. Write: export default defineStack({ … })'],
      [[bad], 1, '"users.bob.groups[0]" must be one of the groups (none is defined), got "Nope"'],
      // Another program may have the next port, which the stack needs as well.
      [
        ['--port', String(port)],
        1,
        'of 127.0.0.1 is in use. End the program that listens there, or choose another port.',
      ],
    ]
    const done = await Promise.all(wrong.map(([args]) => run(args)))
    for (const [i, [args, code, message]] of wrong.entries()) {
      const { code: exitCode, out, err } = done[i]!
      expect([args, exitCode, out]).toEqual([args, code, ''])
      expect(err).toContain(`iamfetch-local: `)
      expect(err).toContain(message)
      expect(err).not.toContain('    at ')
    }
    taken.close()
  })

  it('shows where a definition threw', async () => {
    const file = join(folder, 'throws.mjs')
    await writeFile(file, `\nthrow new Error('not today')`)
    const { code, err } = await run([file])
    expect(code).toBe(1)
    expect(err).toContain(`iamfetch-local: ${file} cannot be loaded.\nError: not today\n    at `)
    expect(err).toContain('throws.mjs:2')
  })

  it('ends with an error when the definition ends its thread', async () => {
    const file = join(folder, 'exits.mjs')
    await writeFile(file, `setTimeout(() => { throw new Error('later') }, 50); export default {}`)
    const { code, err } = await run(['--no-reload', file])
    expect(code).toBe(1)
    expect(err).toContain('The definition threw.\nError: later')
  })

  it('goes on when a handler throws after its response, and prints the error', async () => {
    const file = join(folder, 'late.mjs')
    await writeFile(
      file,
      `const late = { timer: () => setTimeout(() => { throw new Error('late timer') }, 5),
        promise: () => Promise.reject(new Error('late promise')) && undefined }
      const handler = ({ pathParameters: { kind } }) => { late[kind](); return 'early' }
      export default { apis: { late: { type: 'http', routes: { 'GET /{kind}': { auth: 'none', handler } } } } }`,
    )
    const one = started([file, '--json', '--no-reload'])
    await one.until('out', /\n/)
    const { url } = lastJson(one.said.out).config.apis['late']!
    for (const kind of ['timer', 'promise']) {
      expect(await (await fetch(`${url}/${kind}`)).text()).toBe('early')
      await one.until(
        'err',
        new RegExp(`late GET /.kind. threw after its response[^]*late ${kind}`),
      )
    }
    expect((await fetch(`${url}/timer`)).status).toBe(200)
    one.child.kill('SIGINT')
    expect(await one.code).toBe(0)
  })

  it('escapes control characters of requests, handlers and definitions', async () => {
    const file = join(folder, 'controls.mjs')
    await writeFile(
      file,
      `const handler = ({ pathParameters: { id } }) => { throw new Error('no item ' + id) }
      export default {
        users: { eve: { password: 'p\\u0007\\u001b[2J\\u009b2J\\u202e\\nforged' } },
        apis: { items: { type: 'http', routes: { 'GET /{id}': { auth: 'none', handler } } } },
      }`,
    )
    for (const args of [[file], [file, '--json']]) {
      const one = started(args)
      await one.until('out', /Ctrl-C ends it|^\{.*\n/)
      const [, url] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(one.said.out) ?? []
      const response = await fetch(`${url}/%1b%5d0;pwned%07%c2%9b2J%0aforged%e2%80%ae`)
      expect(response.headers.get('x-local-reason') ?? '').not.toMatch(unsafe)
      await one.until('err', /pwned[^]*at /)
      expect(one.said.err).not.toMatch(unsafe)
      expect(one.said.err).not.toMatch(/^forged/m)
      expect(one.said.out).not.toMatch(unsafe)
      expect(one.said.out).not.toMatch(/^forged/m)
      one.child.kill('SIGINT')
      await one.code
    }
  })

  it('escapes control characters of a definition that it refuses', async () => {
    const file = join(folder, 'refused.mjs')
    const name = 'eve\\u001b[2J\\u009b2J\\u202e\\nforged'
    await writeFile(file, `export default { users: { ['${name}']: {} } }`)
    const { code, err } = await run([file])
    expect([code, err]).toEqual([1, expect.stringContaining('is not a name for a user')])
    expect(err).not.toMatch(unsafe)
    expect(err).not.toMatch(/^forged/m)
  })

  it('finds @iamfetch/local for a definition whose project has not installed it', async () => {
    const file = join(folder, 'stack.ts')
    await writeFile(
      file,
      `import { defineStack } from '@iamfetch/local'
      const word: string = 'hello'
      export default defineStack({ apis: { typed: { type: 'http', routes: { 'GET /': { auth: 'none', handler: () => word } } } } })`,
    )
    const { code, out } = await run([file], /Ctrl-C ends it/)
    expect([code, out]).toEqual([0, expect.stringContaining('API typed')])
  })

  it('prints its version', async () => {
    const { version } = JSON.parse(
      await readFile(new URL('../package.json', import.meta.url), 'utf8'),
    )
    for (const flag of ['--version', '-v']) {
      expect(await run([flag])).toEqual({ code: 0, out: `${version}\n`, err: '' })
    }
  })

  it('prints each request on one line of stderr, with the true reason of a refusal and without the query', async () => {
    const one = started([await project("['GET']"), '--json'])
    await one.until('out', /\n/)
    const { config } = lastJson(one.said.out)
    const { url } = config.apis['notes']!
    const { cognitoIdp } = config.endpoints
    const call = (operation: string, body: object): Promise<Response> =>
      fetch(cognitoIdp, {
        method: 'POST',
        headers: { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` },
        body: JSON.stringify({ ClientId: config.userPoolClientId, ...body }),
      })
    await fetch(`${url}/open?code=secret`)
    await fetch(`${url}/notes`)
    const AuthParameters = { USERNAME: 'alice', PASSWORD: 'wrong' }
    await call('InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters })
    const email = [{ Name: 'email', Value: 'new@example.com' }]
    await call('SignUp', { Username: 'new', Password: 'Correct-horse-1', UserAttributes: email })
    await one.until('err', /SignUp/)
    one.child.kill('SIGINT')
    await one.code
    expect(one.said.out.trim().split('\n')).toHaveLength(1)
    expect(one.said.err.split('\n')).toEqual([
      '200 notes GET /prod/open',
      '403 notes GET /prod/notes  MissingAuthenticationToken: the request is not signed',
      '400 cognito InitiateAuth  NotAuthorizedException: Incorrect username or password. (the password is wrong)',
      expect.stringMatching(/^Code for new \(confirm-sign-up, to new@example\.com\): \d{6}$/),
      '200 cognito SignUp',
      '',
    ])
  })

  it('--quiet prints no requests', async () => {
    const one = started([await project("['GET']"), '--json', '--quiet'])
    await one.until('out', /\n/)
    const { url } = lastJson(one.said.out).config.apis['notes']!
    expect((await fetch(`${url}/notes`)).status).toBe(403)
    one.child.kill('SIGINT')
    await one.code
    expect(one.said.err).toBe('')
  })

  it('helps', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--port <n>')
    expect(out).toContain('Exit codes: 0')
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('explain, whoami and sign print the command of the package iamfetch', async () => {
    const commands = ['explain', 'whoami', 'sign']
    const done = await Promise.all(commands.map((command) => run([command, '--help'])))
    for (const [i, command] of commands.entries()) {
      const { code, err } = done[i]!
      expect([code, err]).toEqual([2, expect.stringContaining(`npx iamfetch ${command}`)])
    }
  })
})

describe('iamfetch-local, when the definition changes', () => {
  it('starts again with the same ports, passwords, keys and sessions, and with the new policy', async () => {
    const file = await project(`['GET']`)
    const one = started([file, '--json', '--allow-host', 'box.test'])
    await one.until('out', /\n/)
    const before = lastJson(one.said.out)
    const user = await signInAt(before, 'alice')
    expect([await user.call('GET'), await user.call('POST')]).toEqual([200, 403])
    expect([await healthAs(before, 'box.test'), await healthAs(before, 'pc.test')]).toEqual([
      200, 421,
    ])

    await save('methods.mjs', `export default ['GET', 'POST']`)
    await one.until('out', /\n.*\n/)
    const after = lastJson(one.said.out)
    expect(after).toEqual(before)
    // The page that was open goes on: with the credentials that it has, and with its refresh token.
    expect([await user.call('GET'), await user.call('POST')]).toEqual([200, 200])
    expect(await user.refresh()).toBe(200)
    expect(await verifyTokenOf(after, user.idToken)).toBe(true)
    const again = await signInAt(after, 'alice')
    expect(again.identityId).toBe(user.identityId)
    expect([await healthAs(after, 'box.test'), await healthAs(after, 'pc.test')]).toEqual([
      200, 421,
    ])
  })

  it('leaves the old stack as it is while the new definition is broken, and goes on when it is fixed', async () => {
    const file = await project(`['GET']`)
    const one = started([file, '--json'])
    await one.until('out', /\n/)
    const user = await signInAt(lastJson(one.said.out), 'alice')

    await writeFile(join(folder, 'methods.mjs'), `export default [`)
    await one.until('err', /The stack goes on as it was/)
    expect(one.said.err).toContain('cannot be loaded')
    expect(await user.call('GET')).toBe(200)

    await writeFile(join(folder, 'methods.mjs'), `export default null`)
    await one.until('err', /TypeError[^]*The stack goes on as it was/)
    expect(await user.call('GET')).toBe(200)

    await save('methods.mjs', `export default ['POST']`)
    await one.until('out', /\n.*\n/)
    expect([await user.call('GET'), await user.call('POST')]).toEqual([403, 200])
  })

  it('adds what is new and says what changed', async () => {
    const file = join(folder, 'stack.mjs')
    const api = `{ type: 'http', routes: { 'GET /': { auth: 'none', handler: async () => 1 } } }`
    await writeFile(file, `export default { users: { a: {} }, apis: { one: ${api} } }`)
    const one = started([file])
    await one.until('out', /Ctrl-C ends it/)
    const [, url = ''] = /API one\n {2}(\S+)/.exec(one.said.out) ?? []
    await save(
      'stack.mjs',
      `export default { users: { a: {}, b: {} }, apis: { two: ${api}, one: ${api} } }`,
    )
    await one.until('out', /Reloaded: stack\.mjs changed[^]*API two[^]*Ctrl-C ends it/)
    const [, later = ''] = one.said.out.split('Reloaded')
    expect(later).toContain(`API one\n  ${url}\n`)
    expect((await fetch(url)).status).toBe(200)
    expect(later).toMatch(/Users\n {2}a +\S+ *\n {2}b +\S+/)
  })
})

/** The status of a request that calls the stack by another host name. */
const healthAs = ({ config }: Told, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const url = `${config.endpoints.cognitoIdp}/__local/health`
    const asking = request(url, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.on('error', reject).end()
  })

async function twoFreePorts(): Promise<[number, number]> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const next = createServer().listen(port + 1, '127.0.0.1')
    // It rejects on an "error" event.
    const free = await once(next, 'listening').then(
      () => true,
      () => false,
    )
    await Promise.all([server, next].map((one) => new Promise((resolve) => one.close(resolve))))
    if (free) return [port, port + 1]
  }
}

describe('iamfetch-local permissions', () => {
  it('writes the table of a definition, and checks that a file is up to date', async () => {
    const file = await project(`['GET']`)
    const out = join(folder, 'table.json')
    const { code, err } = await run(['permissions', file, '--out', out])
    expect([code, err]).toEqual([0, 'table.json is written.\n'])
    const { roles } = JSON.parse(await readFile(out, 'utf8'))
    expect(roles).toEqual({
      ReadersRole: {
        'GET /notes': { effect: 'allow', statement: 'statement 0' },
        'POST /notes': { effect: 'deny' },
        'GET /open': { effect: 'allow' },
      },
    })
    await writeFile(join(folder, 'methods.mjs'), `export default ['GET', 'POST']`)
    const checked = await run(['permissions', file, '--out', out, '--check'])
    expect([checked.code, checked.err]).toEqual([
      1,
      'table.json is out of date. Run the command without --check.\n',
    ])
  })

  it('takes policies of IAM and routes instead of a definition', async () => {
    const policy = join(folder, 'policy.json')
    const api = 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod'
    await writeFile(
      policy,
      JSON.stringify({
        Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `${api}/GET/*` }],
      }),
    )
    const given = ['--policy', `Readers=${policy}`, '--route', 'GET /notes/{id}', '--api', api]
    const { code, out } = await run(['permissions', ...given, '--route', 'POST /notes'])
    expect(code).toBe(0)
    expect(JSON.parse(out).roles).toEqual({
      Readers: {
        'GET /notes/{id}': { effect: 'allow', statement: 'document 0, statement 0' },
        'POST /notes': { effect: 'deny' },
      },
    })
    const wrong = await run(['permissions', '--policy', `Readers=${policy}`, '--route', 'GET /a'])
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Give the ARN of the API')])
  })
})

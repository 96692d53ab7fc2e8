// What the local stack costs: how long it starts, what it installs, how many signed requests it serves.
//
//   node --conditions=@iamfetch/source packages/local/bench/requests.mjs
//
// The stack runs in a process of its own, which is one core at most (Node's main thread). This process sends
// requests that it signed before over keep-alive connections. Besides the rate by the wall clock, which is
// too low on a busy machine, it prints the rate per second of CPU time that the stack's process used.
import { fork } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const seconds = Number(process.env['BENCH_SECONDS'] ?? 5)
const connections = 16

if (process.send) await serve()
else await measure()

async function serve() {
  const before = performance.now()
  const { startLocalStack } = await import('../src/index.ts')
  const { sample } = await import('../src/definition/sample.ts')
  const imported = performance.now()
  const stack = await startLocalStack(sample)
  const startMs = performance.now() - imported
  // The RSA key is created in the background; the first sign-in waits for it.
  const { endpoints, userPoolId } = stack.config
  await (await fetch(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`)).json()
  process.send({
    importMs: imported - before,
    startMs,
    keyMs: performance.now() - imported,
    config: stack.config,
    alice: stack.users.alice,
  })
  process.on('message', () => process.send({ cpu: process.cpuUsage() }))
}

async function measure() {
  const stack = fork(fileURLToPath(import.meta.url), { execArgv: process.execArgv })
  const told = (message) =>
    new Promise((resolve) => {
      stack.once('message', resolve)
      if (message) stack.send(message)
    })
  const begun = performance.now()
  const { importMs, startMs, keyMs, config, alice } = await told()
  const wholeMs = performance.now() - begun
  console.log(
    `start            ${startMs.toFixed(0)} ms, ${keyMs.toFixed(0)} ms until its key is made (its modules ${importMs.toFixed(0)} ms; process and all ${wholeMs.toFixed(0)} ms)`,
  )
  const installed = closure(new URL('../package.json', import.meta.url))
  console.log(
    `installed        ${(installed.bytes / 1e6).toFixed(2)} MB in ${installed.packages} packages, its own not counted`,
  )

  const { AwsClient } = await import('aws4fetch')
  const credentials = await exchange(config, alice)
  const client = new AwsClient({ ...credentials, region: config.region, service: 'execute-api' })
  for (const [method, body] of [
    ['GET', undefined],
    ['POST', JSON.stringify({ text: 'x'.repeat(1_000) })],
  ]) {
    const signed = await client.sign(`${config.apis.test.url}/test`, { method, body })
    const bytes = await onTheWire(signed, body)
    await load(config.apis.test.url, bytes, 1_000)
    const { cpu: start } = await told('cpu')
    const from = performance.now()
    const answers = await load(config.apis.test.url, bytes, seconds * 1_000)
    const wall = (performance.now() - from) / 1_000
    const { cpu: end } = await told('cpu')
    const cpu = (end.user + end.system - start.user - start.system) / 1e6
    console.log(
      `${method.padEnd(4)} requests/s  ${Math.round(answers / wall)} by the wall clock, ${Math.round(answers / cpu)} per second of CPU time (${answers} answers, all 200)`,
    )
  }
  stack.kill()
}

async function exchange(config, { username, password }) {
  const { Amplify } = await import('aws-amplify')
  const { signIn, fetchAuthSession } = await import('aws-amplify/auth')
  Amplify.configure({
    Auth: {
      Cognito: {
        ...config,
        userPoolEndpoint: config.endpoints.cognitoIdp,
        identityPoolEndpoint: config.endpoints.cognitoIdentity,
        allowGuestAccess: false,
      },
    },
  })
  await signIn({ username, password })
  return (await fetchAuthSession()).credentials
}

async function onTheWire(request, body) {
  const { host, pathname } = new URL(request.url)
  const lines = [`${request.method} ${pathname} HTTP/1.1`, `host: ${host}`]
  for (const [name, value] of request.headers) lines.push(`${name}: ${value}`)
  if (body) lines.push(`content-length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`)
}

/** Sends the same bytes again and again, one request at a time on each connection. */
async function load(url, bytes, ms) {
  const { port, hostname } = new URL(url)
  const until = performance.now() + ms
  let answers = 0
  const one = () =>
    new Promise((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), hostname, () => socket.write(bytes))
      socket
        .setEncoding('latin1')
        .on('error', reject)
        .on('data', (chunk) => {
          text += chunk
          const head = text.indexOf('\r\n\r\n')
          if (head < 0) return
          const length = Number(/content-length: (\d+)/i.exec(text)?.[1])
          if (text.length < head + 4 + length) return
          if (!text.startsWith('HTTP/1.1 200')) return reject(new Error(text))
          text = ''
          answers++
          if (performance.now() < until) socket.write(bytes)
          else socket.end(resolve)
        })
    })
  await Promise.all(Array.from({ length: connections }, one))
  return answers
}

/** The files of everything that the package depends on, as they are installed. */
function closure(manifest) {
  const seen = new Map()
  const visit = (path) => {
    const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8'))
    for (const name of Object.keys(dependencies)) {
      const folders = createRequire(path)
        .resolve.paths(name)
        .map((folder) => join(folder, name))
      const folder = realpathSync(folders.find((one) => statSync(one, { throwIfNoEntry: false })))
      if (seen.has(folder)) continue
      seen.set(folder, sizeOf(folder))
      visit(join(folder, 'package.json'))
    }
  }
  visit(fileURLToPath(manifest))
  return { packages: seen.size, bytes: [...seen.values()].reduce((sum, size) => sum + size, 0) }
}

function sizeOf(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const path = join(folder, entry.name)
      return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size)
    }, 0)
}

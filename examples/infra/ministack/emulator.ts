import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

const VERSION = '1.5.33'
const CRYPTOGRAPHY = 'cryptography==50.0.2'
const environment = join(import.meta.dirname, '../node_modules/.cache', `ministack-${VERSION}`)
const START_TIMEOUT_MS = 60_000

/** A running emulator, with one listener for HTTPS and one for HTTP. */
export interface Emulator {
  /** `https://localhost:<port>`: policies of the CDK's own bucket refuse everything else. */
  url: string
  /** `http://localhost:<port>`: the emulator calls itself there, and so do its functions. */
  plainUrl: string
  /** The file with its certificate, for other processes that call it. */
  certificate: string
  stop: () => Promise<void>
}

/** The emulator's root user: its documented default. It reaches nothing but the emulator. */
export const rootCredentials = { accessKeyId: 'test', secretAccessKey: 'test' }

/**
 * Installs ministack from PyPI the first time, into an environment of this folder.
 *
 * @returns What the machine lacks, in words.
 */
export function install(): string | undefined {
  for (const [command, ...args] of [
    ['python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 10))'],
    ['openssl', 'version'],
  ] as const) {
    const { status } = spawnSync(command, args)
    if (status === null) return `There is no ${command} on PATH. Install it.`
    if (status !== 0) return `${command} is too old. Install Python 3.10 or newer.`
  }
  if (existsSync(join(environment, 'bin/ministack'))) return undefined
  console.log(`Installing ministack ${VERSION} from PyPI (once) ...`)
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', environment],
    // It verifies the tokens of JWT authorizers with `cryptography`, which is optional.
    [join(environment, 'bin/pip'), 'install', '--quiet', `ministack==${VERSION}`, CRYPTOGRAPHY],
  ] as const) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status !== 0) return `${command} ${args.join(' ')} ended with ${status}. ${stderr}`
  }
  return undefined
}

/**
 * Starts the emulator on free ports of loopback, with signatures and IAM enforced. This process trusts its certificate
 * from then on.
 *
 * @param folder  Everything that the emulator writes goes there.
 */
export async function start(folder: string, region: string): Promise<Emulator> {
  mkdirSync(folder, { recursive: true })
  const certificate = makeCertificate(folder)
  const [port, plainPort] = await freePorts()
  const listeners = ['--bind', `127.0.0.1:${port}`, '--insecure-bind', `127.0.0.1:${plainPort}`]
  const tls = ['--certfile', certificate, '--keyfile', join(folder, 'localhost.key')]
  const program = ['-m', 'hypercorn', 'ministack.app:app']
  const child = spawn(join(environment, 'bin/python'), [...program, ...listeners, ...tls], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TMPDIR: folder,
      AUTH: 'true',
      GATEWAY_PORT: String(plainPort),
      IOT_MTLS_ENABLED: '0',
      MINISTACK_REGION: region,
      AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
    },
  })
  const output = outputOf(child)
  const url = `https://localhost:${port}`
  try {
    await untilReady(child, url)
  } catch (error) {
    await stop(child)
    throw new Error(`ministack did not start. Its output:\n${output()}`, { cause: error })
  }
  return { url, plainUrl: `http://localhost:${plainPort}`, certificate, stop: () => stop(child) }
}

/** Creates a certificate for `localhost` and lets this process trust it. */
function makeCertificate(folder: string): string {
  const certificate = join(folder, 'localhost.crt')
  const { status, stderr } = spawnSync(
    'openssl',
    [
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ['-addext', 'subjectAltName=DNS:localhost', '-out', certificate],
      ['-keyout', join(folder, 'localhost.key')],
    ].flat(),
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`openssl could not make a certificate: ${stderr}`)
  setDefaultCACertificates([...getCACertificates(), readFileSync(certificate, 'utf8')])
  return certificate
}

function outputOf(child: ChildProcess): () => string {
  const chunks: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
  }
  return () => chunks.join('').slice(-5_000)
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`)
    if (await isHealthy(url)) return
    await wait(200)
  }
  throw new Error(`It was not ready after ${START_TIMEOUT_MS / 1_000} s.`)
}

/** Whether it responds, and says that it enforces signatures. */
async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_ministack/health`)
    const { auth }: { auth?: string } = await response.json()
    return auth === 'enabled'
  } catch {
    return false
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => {
    child.once('exit', resolve)
  })
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(kill)
}

/** Two ports that were free at the same time. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()]
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    ports.push((server.address() as AddressInfo).port)
  }
  for (const server of servers) {
    await new Promise((resolve) => {
      server.close(resolve)
    })
  }
  return [ports[0]!, ports[1]!]
}

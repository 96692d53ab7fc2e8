import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import type { SignedRequest } from '../hermes/network.ts'
import type { Printed, Run } from '../hermes/suite.ts'
import { check, same, type Setup } from './setup.ts'
import type { Report } from './stack.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const BINARIES: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux64-bin/hermes',
  darwin: 'osx-bin/hermes',
  win32: 'win64-bin/hermes.exe',
}

/** The VM, and Metro, which bundles for it. */
export const hermesFiles = {
  vm: here(`../hermes/engine/node_modules/hermes-engine-cli/${BINARIES[process.platform]}`),
  metro: here('../bundlers/peers/node_modules/metro'),
}

/**
 * Runs the React Native entry points on a Hermes VM, as Metro bundles the built packages, with a scripted network inside
 * the VM. AWS's signer then signs every request of that network again.
 */
export async function hermesVm({ vectors }: Setup, folder: string): Promise<Report> {
  const bundle = join(folder, 'bundle.js')
  execFileSync(process.execPath, [here('../hermes/bundle.mjs'), bundle])
  const run: Run = {
    setup: { vectors },
    idToken: idTokenOf('alice'),
    nextIdToken: idTokenOf('bob'),
  }
  const script = join(folder, 'suite.js')
  writeFileSync(script, `globalThis.RUN = ${JSON.stringify(run)};\n${readFileSync(bundle, 'utf8')}`)
  // Bytecode first, as in an app: the interpreter then does what a device does.
  const bytecode = join(folder, 'suite.hbc')
  execFileSync(hermesFiles.vm, ['-O', '-w', '-emit-binary', '-out', bytecode, script])
  const printed = execFileSync(hermesFiles.vm, ['-Xmicrotask-queue', '-b', bytecode], {
    encoding: 'utf8',
    maxBuffer: 1e8,
    timeout: 120_000,
  })
  const { checks, missing, signed, signMs } = readPrinted(printed)
  const done = [...checks]
  await check(done, 'signed call', 'every request has the signature of AWS’s signer', async () => {
    if (signed.length < 10) throw new Error(`only ${signed.length} requests were signed`)
    for (const request of signed) {
      same(request.headers['authorization'], await authorizationBySmithy(request))
    }
  })
  const version = /release version: (\S+)/.exec(
    execFileSync(hermesFiles.vm, ['--version'], { encoding: 'utf8' }),
  )?.[1]
  done[0] = { ...done[0]!, note: noteOf(missing, signMs) }
  return { engine: `Hermes VM ${version}`, checks: done }
}

function readPrinted(printed: string): Printed {
  if (!printed.startsWith('{')) throw new Error(`Hermes printed: ${printed.slice(0, 2_000)}`)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the suite prints
  return JSON.parse(printed) as Printed
}

const noteOf = (missing: readonly string[], signMs: number): string =>
  [
    'React Native entry points, a scripted network inside the VM',
    ...missing.map((name) => `${name} added`),
    `${signMs.toFixed(1)} ms for one signature of a 1 kB POST, in the fastest round`,
  ].join('; ')

/** An ID token without a signature: the exchange only reads its claims. */
function idTokenOf(sub: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iss = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example'
  // Beyond the virtual time of the VM, which starts on 2026-01-01.
  const exp = Date.UTC(2026, 0, 10) / 1_000
  return `${part({ alg: 'none' })}.${part({ iss, sub, aud: 'app', token_use: 'id', exp })}.none`
}

async function authorizationBySmithy(request: SignedRequest): Promise<string | undefined> {
  const { method, url, headers, body, secretAccessKey } = request
  const { hostname, pathname, searchParams } = new URL(url)
  const sent = headers['authorization'] ?? ''
  const accessKeyId = /Credential=(\w+)\//.exec(sent)?.[1] ?? ''
  const names = /SignedHeaders=([^,]+)/.exec(sent)?.[1]?.split(';') ?? []
  const query: Record<string, string[]> = {}
  for (const [name, value] of searchParams) (query[name] ??= []).push(value)
  const sessionToken = headers['x-amz-security-token']
  const signer = new SignatureV4({
    region: 'eu-central-1',
    service: 'execute-api',
    sha256: Sha256,
    applyChecksum: false,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
  })
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date'] ?? '') ?? []
  const signedHeaders = names
    .filter((name) => name !== 'host' && name in headers)
    .map((name) => [name, headers[name] ?? ''] as const)
  const signed = await signer.sign(
    new HttpRequest({
      method,
      hostname,
      path: pathname,
      query,
      headers: { ...Object.fromEntries(signedHeaders), host: hostname },
      body: Buffer.from(body, 'latin1'),
    }),
    { signingDate: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) },
  )
  return signed.headers['authorization']
}

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const REPORT = `
import { suite } from './suite.ts'
const { origin, name } = globalThis.RUN
const engine = globalThis.Deno ? 'Deno ' + Deno.version.deno
  : globalThis.Bun ? 'Bun ' + Bun.version
  : globalThis.process ? 'Node ' + process.versions.node
  : navigator.userAgent
const checks = await suite(await (await fetch(origin + '/setup.json')).json())
await fetch(origin + '/report?name=' + name, { method: 'POST', body: JSON.stringify({ engine, checks }) })
`
const WORKER = `
import { suite } from './suite.ts'
export default {
  async fetch() {
    const { origin } = globalThis.RUN
    const checks = await suite(await (await fetch(origin + '/setup.json')).json())
    return Response.json({ engine: navigator.userAgent, checks })
  },
}
`
const BARE = `
import { bareSuite } from './bare.ts'
globalThis.report = () => bareSuite(globalThis.RUN.setup)
`
// All that a React Native app would import, kept alive.
const NATIVE = `
export * from 'iamfetch/native'
export * from '@iamfetch/cognito/native'
export * from '@iamfetch/machine'
export * from '@iamfetch/sigv4/native'
export * from '@iamfetch/core'
`

/** The suite as each kind of runtime loads it, built from the sources with that runtime's export conditions. */
export const bundles = {
  /** Node, Deno and Bun: `#edge` is the one with `node:crypto`. */
  server: (): Promise<string> => bundle(REPORT, 'esm', ['node'], 'node'),
  /** Browsers, and servers that are to run what browsers run. */
  portable: (): Promise<string> => bundle(REPORT, 'esm', ['browser']),
  worker: (): Promise<string> => bundle(WORKER, 'esm', ['workerd', 'worker', 'browser']),
  bare: (): Promise<string> => bundle(BARE, 'iife', ['react-native']),
  native: (): Promise<string> => bundle(NATIVE, 'iife', ['react-native'], 'neutral', 'iamfetch'),
}

async function bundle(
  contents: string,
  format: 'esm' | 'iife',
  conditions: string[],
  platform: 'node' | 'browser' | 'neutral' = 'browser',
  globalName?: string,
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    write: false,
    format,
    platform,
    target: 'es2022',
    conditions: ['@iamfetch/source', ...conditions, 'import'],
    logLevel: 'warning',
    ...(globalName && { globalName }),
  })
  return outputFiles[0]!.text
}

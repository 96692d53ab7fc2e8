// `npm run test:native`: the Expo example type-checks, bundles for iOS and Android, compiles with Hermes's compiler; and its
// logic runs on React Native's own JavaScript against a local stack.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, Script } from 'node:vm'
import { startLocalStack } from '@iamfetch/local'
import { signIn } from '@iamfetch/testing/sign-in'
import { nativeSide } from './native-side.ts'
import { nativeStack } from './stack.ts'

/** React Native's, through which the native side tells what happens. */
interface Emitter {
  emit: (event: string, args: readonly unknown[]) => void
}

const app = fileURLToPath(new URL('../../examples/expo-app', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'iamfetch-native-'))
const env = { ...process.env, CI: '1', EXPO_OFFLINE: '1', EXPO_NO_TELEMETRY: '1', NODE_OPTIONS: '' }

function step(name: string, ...args: string[]): void {
  const startedAt = performance.now()
  const { status, stdout, stderr } = spawnSync('node', args, { cwd: app, env, encoding: 'utf8' })
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`${name} failed\n${stdout}${stderr}`)
  }
  console.log(`ok    ${name} (${((performance.now() - startedAt) / 1_000).toFixed(0)} s)`)
}

const expo = 'node_modules/expo/bin/cli'
const { version } = JSON.parse(
  readFileSync(join(app, 'node_modules/react-native/package.json'), 'utf8'),
) as { version: string }
step(
  'the app type-checks against Expo and React Native',
  'node_modules/typescript/bin/tsc',
  '-p',
  '.',
)
for (const platform of ['ios', 'android']) {
  const out = join(folder, platform)
  const args = ['export', '--platform', platform, '--output-dir', out]
  step(`Metro bundles it for ${platform}, Hermes's compiler takes it`, expo, ...args)
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' })
  const compiled = files.find((file) => file.endsWith('.hbc'))
  // The magic number of Hermes bytecode, and that iamfetch is in it.
  const bytes = compiled ? readFileSync(join(out, compiled)) : Buffer.alloc(8)
  if (bytes.readBigUInt64LE() !== 0x1f1903c103bc1fc6n) throw new Error(`${platform}: no bytecode`)
  if (!bytes.includes('GetCredentialsForIdentity'))
    throw new Error(`${platform}: iamfetch is missing`)
}
const bundle = join(folder, 'logic.js')
const embed = ['export:embed', '--entry-file', 'check/on-react-native.ts', '--platform', 'ios']
const plain = ['--dev', 'false', '--minify', 'false', '--bundle-output', bundle]
step('Metro bundles its logic with React Native’s network layer', expo, ...embed, ...plain)

const stack = await startLocalStack(nativeStack)
let failed = 0
try {
  const { config } = stack
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((name) => signIn(stack, name)))
  const side = nativeSide()
  // A realm with the language alone: what Hermes has, without its TextEncoder.
  const realm = createContext({
    console,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    performance: { now: () => performance.now() },
    nativeModuleProxy: side.modules,
  }) as Record<string, never>
  new Script(readFileSync(bundle, 'utf8'), { filename: bundle }).runInContext(realm)
  const world = realm as unknown as {
    RUN: (setup: object) => Promise<{ name: string; error?: string }[]>
  }
  side.emit = (event, args) => {
    const { __rctDeviceEventEmitter: emitter } = realm as unknown as Record<string, Emitter>
    emitter!.emit(event, args)
  }
  const { region, userPoolId, userPoolClientId, identityPoolId, endpoints } = config
  const done = await world.RUN({
    config: {
      region,
      userPoolId,
      userPoolClientId,
      identityPoolId,
      apiUrl: config.apis['test']!.url,
      restUrl: config.apis['rest']!.url,
      endpoints,
    },
    idTokens: { alice: alice!.idToken, bob: bob!.idToken },
  })
  console.log(`\nOn the JavaScript of React Native ${version}, against the local stack:`)
  for (const { name, error } of done)
    console.log(`${error ? 'FAIL ' : 'ok   '} ${name}${error ? `\n      ${error}` : ''}`)
  failed = done.filter(({ error }) => error).length
  console.log(
    `\n${done.length - failed} passed, ${failed} failed. No device and no simulator was used.`,
  )
} finally {
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)

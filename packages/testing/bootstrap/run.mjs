// Entry of the commands below: works on a clean clone, needs Node and npm alone.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureInstalled, ensureInstalledIn } from './install.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
process.chdir(root)
process.env.PATH = join(root, 'node_modules/.bin') + delimiter + process.env.PATH

/** Runs one step in sight of whoever started it; the first that fails ends everything. */
function step(command, ...args) {
  const { status, signal } = spawnSync(command, args, { stdio: 'inherit' })
  if (signal === 'SIGINT') process.exit(130)
  if (status !== 0) {
    console.error(`\nFailed: ${command} ${args.join(' ')}`)
    process.exit(status ?? 1)
  }
}

const commands = {
  demo: async (args) => {
    step('node', '--conditions=@iamfetch/source', 'examples/group-access/demo.ts', ...args)
  },

  'demo:premium': async (args) => {
    step('node', '--conditions=@iamfetch/source', 'examples/premium-content/demo.ts', ...args)
  },

  'demo:fleet': async (args) => {
    step('node', '--conditions=@iamfetch/source', 'examples/premium-content/demo-fleet.ts', ...args)
  },

  'demo:who-called': async (args) => {
    step('node', '--conditions=@iamfetch/source', 'examples/who-called/demo.ts', ...args)
  },

  test: async (args) => {
    const { ensureChromium } = await import('./chromium.mjs')
    await ensureChromium()
    const folder = mkdtempSync(join(tmpdir(), 'iamfetch-test-'))
    const report = join(folder, 'report.json')
    const projects = ['node', 'browser', 'e2e'].flatMap((name) => ['--project', name])
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const { status } = spawnSync('vitest', ['run', ...projects, ...reporters, ...args], {
      stdio: 'inherit',
    })
    try {
      const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
        readFileSync(report, 'utf8'),
      )
      const skipped = numPendingTests + numTodoTests
      console.log(
        `\n${numPassedTests} passed, ${numFailedTests} failed${skipped ? `, ${skipped} skipped` : ''}`,
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    if (status !== 0) process.exit(status ?? 1)
  },

  'test:runtimes': async (args) => {
    ensureInstalledIn('packages/testing/runtimes/engines')
    step('node', '--conditions=@iamfetch/source', 'packages/testing/runtimes/run.ts', ...args)
    step('oxfmt', 'packages/README.md')
  },

  'test:bundlers': async () => {
    ensureInstalledIn('packages/testing/bundlers/peers')
    step('rollup', '-c', '--silent')
    step('node', 'packages/testing/bundlers/run.mjs')
  },

  'test:packages': async () => {
    ensureInstalledIn('packages/testing/packed/tools')
    step('rollup', '-c', '--silent')
    step('node', 'packages/testing/packed/run.mjs')
  },

  sbom: async () => {
    step('rollup', '-c', '--silent')
    step('node', 'packages/testing/packed/run.mjs', 'sbom')
  },

  // A Next.js app, built and started against a local stack. Next.js is large, so it comes when somebody asks for it.
  'test:nextjs': async (args) => {
    ensureInstalledIn('examples/nextjs')
    step('rollup', '-c', '--silent')
    step('node', 'node_modules/typescript/bin/tsc', '-p', 'examples/nextjs/test')
    step('vitest', 'run', '--project', 'nextjs', ...args)
  },

  // The Expo example: its dependencies are large, so they come when somebody asks for them.
  'test:native': async () => {
    ensureInstalled('examples/expo-app')
    step('rollup', '-c', '--silent')
    step('node', '--conditions=@iamfetch/source', 'packages/testing/native/run.ts')
  },

  bench: async () => {
    const { ensureChromium } = await import('./chromium.mjs')
    await ensureChromium()
    step('node', '--conditions=@iamfetch/source', 'packages/sigv4/bench/run.mjs')
  },

  // The stacks for AWS. Their dependencies are large, so they come when somebody asks for them.
  'check:infra': async (args) => {
    ensureInstalled('examples/infra')
    step('node', 'node_modules/typescript/bin/tsc', '-p', 'examples/infra')
    step('vite', 'build', 'examples/group-access', '--logLevel', 'warn')
    step('vitest', 'run', '--project', 'infra', ...args)
  },

  conformance: async (args) => {
    step('node', '--conditions=@iamfetch/source', 'examples/infra/conformance/run.ts', ...args)
  },

  docs: async (args) => {
    ensureInstalled('docs')
    step('node', '--conditions=@iamfetch/source', 'docs/build/run.ts', 'dev', ...args)
  },

  'docs:build': async () => {
    ensureInstalled('docs')
    step('node', '--conditions=@iamfetch/source', 'docs/build/run.ts', 'build')
  },

  // The site as it is built, and the example page, in a browser with axe.
  'test:docs': async (args) => {
    ensureInstalled('docs')
    const { ensureChromium } = await import('./chromium.mjs')
    await ensureChromium()
    step('node', 'docs/node_modules/vue-tsc/bin/vue-tsc.js', '-p', 'docs')
    step('node', '--conditions=@iamfetch/source', 'docs/build/run.ts', 'build')
    step('vite', 'build', 'examples/group-access', '--logLevel', 'warn')
    step('vitest', 'run', '--project', 'docs', ...args)
  },

  check: async () => {
    step('oxfmt', '--check', '.')
    step('oxlint', '--type-aware', '--deny-warnings')
    const apps = [
      'examples/group-access',
      'examples/premium-content',
      'examples/who-called',
      'packages/create-iamfetch/tsconfig.template.json',
    ]
    for (const project of ['tsconfig.base.json', ...apps]) {
      step('node', 'node_modules/typescript/bin/tsc', '-p', project)
    }
    step('node', 'packages/testing/packing/check-links.mjs')
    step('node', 'packages/testing/packing/check-readmes.mjs')
    step('node', 'docs/build/error-codes.ts')
    step('rollup', '-c', '--silent')
    step('node', 'packages/testing/packing/check-pack.mjs')
    step('size-limit')
  },
}

const [name, ...args] = process.argv.slice(2)
const command = commands[name]
if (!command) {
  console.error(`usage: node run.mjs ${Object.keys(commands).join(' | ')}`)
  process.exit(2)
}
try {
  ensureInstalled()
  await command(args)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

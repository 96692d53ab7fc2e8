import { step } from './step.mjs'
import { ensureInstalled, ensureInstalledIn } from './install.mjs'
import { runTests } from './tests.mjs'

/**
 * What `npm run` knows: a line on each command, its steps, and the chapter of the help that it begins.
 *
 * What needs large dependencies installs them in a folder of its own, when somebody asks for it.
 */
export const commands = {
  demo: {
    chapter: 'To see it run',
    says: 'the example page with its stack; prints the users’ passwords',
    run: (args) => source('examples/group-access/demo.ts', ...args),
  },
  'demo:premium': {
    says: 'machines: scopes, what is refused, a rotation, a revocation',
    run: (args) => source('examples/premium-content/demo.ts', ...args),
  },
  'demo:fleet': {
    says: '20 processes that share a store: tokens minted against calls made',
    run: (args) => source('examples/premium-content/demo-fleet.ts', ...args),
  },
  'demo:who-called': {
    says: 'users and tenants, and what the backend saw of each call',
    run: (args) => source('examples/who-called/demo.ts', ...args),
  },

  test: {
    chapter: 'While working on it',
    says: 'everything that must hold, a real browser included; -- packages/iamfetch for some',
    run: runTests,
  },
  check: {
    says: 'the rest of the gate: format, lint, types, links, READMEs’ code, build, packages, sizes',
    run() {
      step('oxfmt', '--check', '.')
      step('oxlint', '--type-aware', '--deny-warnings')
      types('tsconfig.base.json')
      types('examples/group-access')
      types('examples/premium-content')
      types('examples/who-called')
      types('packages/create-iamfetch/tsconfig.template.json')
      step('node', 'packages/testing/packing/check-links.mjs')
      step('node', 'packages/testing/packing/check-readmes.mjs')
      step('node', 'docs/build/error-codes.ts')
      build()
      step('node', 'packages/testing/packing/check-pack.mjs')
      step('size-limit')
    },
  },
  format: { says: 'formats everything', run: () => step('oxfmt', '.') },
  build: { says: 'dist of each package', run: build },
  size: {
    says: 'what a browser loads, against its ceilings; after a build',
    run: () => step('size-limit'),
  },

  'test:slow': {
    chapter: 'What takes minutes',
    says: 'altered requests at the gateway, generated ones beside other signers',
    run: (args) => step('vitest', 'run', '--project', 'slow', ...args),
  },
  differential: {
    says: 'a million generated requests: our signatures beside those of other signers',
    run: (args) => quiet('packages/sigv4/test/differential/command.ts', ...args),
  },
  soak: {
    says: '200 callers meet faults for 10 minutes; -- --minutes 2 for less',
    run: (args) =>
      step(
        'node',
        '--expose-gc',
        ...FROM_SOURCE,
        '--no-warnings',
        'packages/testing/soak/soak.ts',
        ...args,
      ),
  },
  'compare:faults': {
    says: 'bad days of iamfetch beside those of Amplify and the AWS SDK',
    run: (args) => quiet('packages/testing/compare/faults.ts', ...args),
  },
  'test:packages': {
    says: 'the tarballs in projects outside of here: Nodes, TypeScripts, the template',
    run() {
      ensureInstalledIn('packages/testing/packed/tools')
      build()
      step('node', 'packages/testing/packed/run.mjs')
    },
  },
  'test:bundlers': {
    says: 'Vite, webpack, esbuild, Rollup and Metro take what a page may import',
    run() {
      ensureInstalledIn('packages/testing/bundlers/peers')
      build()
      step('node', 'packages/testing/bundlers/run.mjs')
    },
  },
  'test:runtimes': {
    says: 'one suite on every engine that can be had; writes the table of the map',
    run(args) {
      ensureInstalledIn('packages/testing/runtimes/engines')
      source('packages/testing/runtimes/run.ts', ...args)
      step('oxfmt', 'packages/README.md')
    },
  },
  'test:native': {
    says: 'React Native: the Expo app bundles, its logic runs on React Native’s JavaScript',
    run() {
      ensureInstalled('examples/expo-app')
      build()
      source('packages/testing/native/run.ts')
    },
  },
  'test:nextjs': {
    says: 'a Next.js app, built and started against a local stack',
    run(args) {
      ensureInstalledIn('examples/nextjs')
      build()
      types('examples/nextjs/test')
      step('vitest', 'run', '--project', 'nextjs', ...args)
    },
  },
  'check:infra': {
    says: 'the CDK stacks: their templates decide as the local stack does',
    run(args) {
      ensureInstalled('examples/infra')
      types('examples/infra')
      step('vite', 'build', 'examples/group-access', '--logLevel', 'warn')
      step('vitest', 'run', '--project', 'infra', ...args)
    },
  },
  conformance: {
    says: 'what nobody has checked on AWS, asked of the local stack or of a deployment',
    run: (args) => source('examples/infra/conformance/run.ts', ...args),
  },

  bench: {
    chapter: 'What it costs',
    says: 'what a signature costs, beside other signers, in Node and in a browser',
    async run() {
      await chromium()
      source('packages/sigv4/bench/run.mjs')
    },
  },
  'bench:tokens': {
    says: 'what a machine token costs, beside other clients',
    run: (args) => source('packages/machine/bench/tokens.mjs', ...args),
  },

  docs: {
    chapter: 'Docs, and the bill of materials',
    says: 'serves the docs, and builds them anew when a text changes',
    run(args) {
      ensureInstalled('docs')
      source('docs/build/run.ts', 'dev', ...args)
    },
  },
  'docs:build': {
    says: 'the docs as files',
    run() {
      ensureInstalled('docs')
      source('docs/build/run.ts', 'build')
    },
  },
  'test:docs': {
    says: 'the docs as built, and the example page, in a browser with axe',
    async run(args) {
      ensureInstalled('docs')
      await chromium()
      step('node', 'docs/node_modules/vue-tsc/bin/vue-tsc.js', '-p', 'docs')
      source('docs/build/run.ts', 'build')
      step('vite', 'build', 'examples/group-access', '--logLevel', 'warn')
      step('vitest', 'run', '--project', 'docs', ...args)
    },
  },
  sbom: {
    says: 'what the packages are made of, as CycloneDX: sbom/iamfetch.cdx.json',
    run() {
      build()
      step('node', 'packages/testing/packed/run.mjs', 'sbom')
    },
  },
}

/** Workspace packages resolve to their TypeScript sources. */
const FROM_SOURCE = ['--conditions=@iamfetch/source']

function source(script, ...args) {
  step('node', ...FROM_SOURCE, script, ...args)
}

function quiet(script, ...args) {
  step('node', ...FROM_SOURCE, '--no-warnings', script, ...args)
}

function types(project) {
  step('node', 'node_modules/typescript/bin/tsc', '-p', project)
}

function build() {
  step('rollup', '-c', '--silent')
}

async function chromium() {
  const { ensureChromium } = await import('./chromium.mjs')
  await ensureChromium()
}

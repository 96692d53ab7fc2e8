import { join } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'

// Node itself loads dependencies, and it cannot load what the AWS SDK offers to bundlers as `module`.
const nodeConditions = defaultServerConditions.filter((condition) => condition !== 'module')

// Workspace packages resolve to their TypeScript sources: a test run needs no build.
const fromSource = {
  resolve: { conditions: ['@iamfetch/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@iamfetch/source', ...nodeConditions] } },
}

// aws-cdk-lib is installed in examples/infra alone, and the sources of @iamfetch/cdk are not below it.
const cdkOfExample = {
  name: 'cdk-of-example',
  enforce: 'pre',
  resolveId(id) {
    if (!/^(aws-cdk-lib|cdk-nag|constructs)(\/|$)/.test(id)) return undefined
    return this.resolve(id, join(import.meta.dirname, 'examples/infra/app.ts'), { skipSelf: true })
  },
}

const executablePath = await findChromium()
const chromium = playwright({
  launchOptions: { ...(executablePath && { executablePath }), args: chromiumFlags },
})

// What tests start from the sources is many processes: Node keeps what it made of the TypeScript.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled')

export default defineConfig({
  test: {
    // Vitest would leave one core idle, and a machine often has two.
    maxWorkers: '100%',
    projects: [
      {
        ...fromSource,
        test: {
          name: 'node',
          // Files share a worker, and with it what is imported: a helper registers hooks when it is called, not when it is
          // imported, and what a file changes of the process it changes back.
          isolate: false,
          // These limits end what hangs. How fast something has to be is said where it is tested, in CPU time.
          testTimeout: 20_000,
          hookTimeout: 30_000,
          include: [
            '{packages,examples}/*/test/**/*.test.{ts,tsx}',
            'docs/test/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: [
            '**/*.recipe.test.*',
            '**/*.guide.test.*',
            '**/*.site.test.*',
            '**/*.browser.test.*',
            '**/*.slow.test.*',
            '**/*.e2e.test.*',
            'examples/infra/**',
            'packages/cdk/**',
            'examples/nextjs/**',
            '**/node_modules/**',
          ],
        },
      },
      {
        ...fromSource,
        // In which Vitest runs the global setup of a project for browsers.
        environments: { __vitest__: fromSource.ssr },
        test: {
          name: 'browser',
          include: ['packages/*/test/**/*.browser.test.{ts,tsx}'],
          globalSetup: ['test/loopback-servers.setup.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: chromium,
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      // Built pages in a real browser, against a local stack.
      {
        ...fromSource,
        test: {
          name: 'e2e',
          include: ['{packages,examples}/*/test/**/*.e2e.test.ts', 'test/**/*.e2e.test.ts'],
          globalSetup: [
            'test/one-chromium.setup.ts',
            'examples/group-access/test/built-page.setup.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // A page may be slow because the machine is busy.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      // The stacks for AWS, with dependencies of their own: `npm run check:infra`.
      {
        ...fromSource,
        plugins: [cdkOfExample],
        test: {
          name: 'infra',
          include: ['{examples/infra,packages/cdk}/test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      // The docs as built, with dependencies of their own: `npm run test:docs`.
      {
        ...fromSource,
        test: {
          name: 'docs',
          include: ['docs/test/*.site.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // A page may be slow because the machine is busy.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      // A built Next.js app, with dependencies of its own: `npm run test:nextjs`.
      {
        ...fromSource,
        test: {
          name: 'nextjs',
          include: ['examples/nextjs/test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      // Other libraries over a signing fetch: `npm run test:recipes`.
      {
        ...fromSource,
        test: { name: 'recipes', include: ['test/recipes/*.recipe.test.ts'], testTimeout: 30_000 },
      },
      // What the guides show and no other suite runs, with tools of its own: `npm run test:guides`.
      {
        ...fromSource,
        test: {
          name: 'guides',
          include: ['test/guides/*.guide.test.ts'],
          globalSetup: ['test/guides/python.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      // What takes minutes: `npm run test:slow`.
      {
        ...fromSource,
        test: {
          name: 'slow',
          include: ['{packages,test,docs}/**/*.slow.test.ts'],
          testTimeout: 1_800_000,
        },
      },
    ],
  },
})

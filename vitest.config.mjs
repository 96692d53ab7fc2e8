import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// Workspace packages resolve to their TypeScript sources: a test run needs no build.
const fromSource = {
  resolve: { conditions: ['@iamfetch/source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['@iamfetch/source', ...defaultServerConditions] } },
}

// The chromium on PATH (Debian's package, say), else the one that `playwright install chromium` brings.
const onPath = process.env.PATH.split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find(existsSync)
const chromium = playwright({
  launchOptions: {
    ...(onPath && { executablePath: onPath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  },
})

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
    projects: [
      {
        ...fromSource,
        test: {
          name: 'node',
          include: ['{packages,examples}/*/test/**/*.test.{ts,tsx}'],
          exclude: [
            '**/*.browser.test.*',
            '**/*.slow.test.*',
            '**/*.e2e.test.*',
            '**/node_modules/**',
          ],
        },
      },
      {
        ...fromSource,
        test: {
          name: 'browser',
          include: ['packages/*/test/**/*.browser.test.{ts,tsx}'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: chromium,
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      // What takes minutes: `npm run test:slow`.
      {
        ...fromSource,
        test: {
          name: 'slow',
          include: ['packages/*/test/**/*.slow.test.ts'],
          testTimeout: 1_800_000,
        },
      },
    ],
  },
})

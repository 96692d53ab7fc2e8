// The tests of the React entry points with other versions of their peers than the repository's own: `npm run test:peers`.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'

const repository = join(import.meta.dirname, '../..')
const executablePath = await findChromium()
const chromium = playwright({
  launchOptions: { ...(executablePath && { executablePath }), args: chromiumFlags },
})

/** Each of these packages is resolved from the root of a project, which is the folder of one set of versions. */
const dedupe = ['react', 'react-dom', '@tanstack/react-query', '@tanstack/query-core']

const peers = ['lowest', 'middle', 'react-18']

export default defineConfig({
  test: { projects: peers.flatMap((name) => [nodeProject(name), browserProject(name)]) },
})

/** What the tests have to find, so that none of them passes with other versions. */
function provided(name) {
  const require = createRequire(join(import.meta.dirname, name, 'package.json'))
  return {
    react: require('react').version,
    query: Object.keys(require('@tanstack/react-query')).toSorted(),
  }
}

function nodeProject(name) {
  const conditions = defaultServerConditions.filter((condition) => condition !== 'module')
  return {
    root: join(import.meta.dirname, name),
    resolve: { dedupe, conditions: ['@iamfetch/source', ...conditions] },
    ssr: { resolve: { conditions: ['@iamfetch/source', ...conditions] } },
    test: {
      name: `${name}, node`,
      dir: repository,
      provide: provided(name),
      setupFiles: [join(import.meta.dirname, 'same-versions.ts')],
      include: ['packages/iamfetch/test/react/*.test.{ts,tsx}'],
      exclude: ['**/*.browser.test.*'],
    },
  }
}

function browserProject(name) {
  return {
    root: join(import.meta.dirname, name),
    resolve: { dedupe, conditions: ['@iamfetch/source', ...defaultClientConditions] },
    server: { fs: { allow: [repository] } },
    test: {
      name: `${name}, browser`,
      dir: repository,
      provide: provided(name),
      setupFiles: [join(import.meta.dirname, 'same-versions.ts')],
      include: ['packages/iamfetch/test/react/*.browser.test.{ts,tsx}'],
      // React 18 has no <Activity>.
      exclude: ['**/kept-views.browser.test.tsx'],
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: chromium,
        instances: [{ browser: 'chromium' }],
      },
    },
  }
}

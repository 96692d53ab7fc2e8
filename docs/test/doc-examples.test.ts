import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { docExamples, exportedNames, withImports } from '../../scripts/doc-examples.ts'
import { findFiles } from '../../scripts/files.ts'

/** The functions that an application imports first. */
const MAIN = [
  'createIamFetch',
  'createTokenFetch',
  'cognitoCredentials',
  'decodeIdToken',
  'explainRole',
  'followTabs',
  'describeRefusal',
  'explain',
  'signWebSocketUrl',
  'createSigner',
  'signParts',
  'regionOf',
  'amplifyIdToken',
  'clearWithAmplify',
  'oidcIdToken',
  'clearWithOidc',
  'IamProvider',
  'useIamFetch',
  'useCredentialStatus',
  'useRoles',
  'machineToken',
  'oauthTokenEndpoint',
  'cognitoClientToken',
  'privateKeyJwt',
  'redisStore',
  'memoryStore',
  'secretsManager',
  'countEvents',
  'resolveCaller',
  'withCaller',
  'callerKey',
  'createDeveloperAccess',
  'cognitoIssuer',
  'opaqueIssuer',
  'sqliteStore',
  'defineStack',
  'startLocalStack',
  'createFaults',
  'evaluate',
  'checkPolicy',
  'fresh',
  'serverClock',
]

describe('the examples of doc comments', () => {
  const sources = findFiles('packages/*/src/**/*.{ts,tsx}').map((file) =>
    readFileSync(file, 'utf8'),
  )

  test.each(MAIN)('%s has one', (name) => {
    expect(exportedNames().has(name)).toBe(true)
    const form = new RegExp(
      `/\\*\\*(?:(?!\\*/)[^])*?@example(?:(?!\\*/)[^])*?\\*/\\n(?://.*\\n)?(?:export (?:async )?(?:function|const) ${name}\\b)`,
    )
    expect(sources.some((text) => form.test(text))).toBe(true)
  })

  test('get the imports that they leave out, and no others', () => {
    const names = new Map([
      ['createIamFetch', ['iamfetch', 'iamfetch/native']],
      ['fetch', ['iamfetch/react']],
    ])
    const example = {
      file: 'packages/iamfetch/src/iam-fetch.ts',
      line: 1,
      code: "const iamFetch = createIamFetch({ baseUrl, credentials })\nawait iamFetch.fetch('/notes')\n",
    }
    expect(withImports(example, names)).toBe(
      `import { createIamFetch } from 'iamfetch'\n${example.code}`,
    )
  })

  test('are found with their place', () => {
    const [example] = docExamples().filter(({ file }) => file === 'packages/core/src/fresh.ts')
    const lines = readFileSync(example!.file, 'utf8').split('\n')
    expect(lines[example!.line - 1]).toBe(` * ${example!.code.split('\n')[0]}`)
  })
})

// Prints what each import costs in a browser, minified and gzipped: `node packages/iamfetch/size/measure.mjs`.
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const IMPORTS = {
  createIamFetch: "export { createIamFetch } from 'iamfetch'",
  createSigner: "export { createSigner } from 'iamfetch'",
  createTokenFetch: "export { createTokenFetch } from 'iamfetch'",
  describeRefusal: "export { describeRefusal } from 'iamfetch'",
  explain: "export { explain } from 'iamfetch/explain'",
  'oidcIdToken + clearWithOidc': "export { oidcIdToken, clearWithOidc } from 'iamfetch/oidc'",
  'amplifyIdToken + clearWithAmplify, without Amplify': {
    contents: "export { amplifyIdToken, clearWithAmplify } from 'iamfetch/amplify'",
    external: ['aws-amplify'],
  },
  'useIamQueryOptions, without React, TanStack Query and cognito': {
    contents: "export { useIamQueryOptions } from 'iamfetch/react/query'",
    external: ['react', '@tanstack/react-query', '@iamfetch/cognito', '@iamfetch/core'],
  },
  'createIamFetch + cognitoCredentials':
    "export { createIamFetch, cognitoCredentials } from 'iamfetch'",
  'createIamFetch without sigv4 and core': {
    contents: "export { createIamFetch } from 'iamfetch'",
    external: ['@iamfetch/sigv4', '@iamfetch/core'],
  },
  'createIamFetch + awsSdkSigner': `export { createIamFetch } from 'iamfetch'
    export { awsSdkSigner } from 'iamfetch/aws-sdk'`,
  'createIamFetch + awsSdkSigner + awsSdkCredentials': `export { createIamFetch } from 'iamfetch'
    export { awsSdkSigner } from 'iamfetch/aws-sdk'
    export { awsSdkCredentials } from 'iamfetch/aws-sdk-credentials'`,
  'fromCognitoIdentityPool of @aws-sdk/credential-providers':
    "export { fromCognitoIdentityPool } from '@aws-sdk/credential-providers'",
}

for (const [name, what] of Object.entries(IMPORTS)) {
  const { contents, external = [] } = typeof what === 'string' ? { contents: what } : what
  try {
    const { outputFiles, metafile } = await build({
      metafile: true,
      stdin: { contents, resolveDir: fileURLToPath(new URL('../src', import.meta.url)) },
      bundle: true,
      minify: true,
      splitting: true,
      outdir: '/out',
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      conditions: ['@iamfetch/source'],
      external,
      write: false,
      logLevel: 'silent',
    })
    // The entry, and what it loads now or on demand; chunks that nothing is left to load do not count.
    const chunks = new Map(
      Object.entries(metafile.outputs).map(([path, chunk]) => [basename(path), chunk]),
    )
    const reached = new Set()
    const reach = (path) => {
      if (reached.has(path) || !chunks.has(path)) return
      reached.add(path)
      for (const { path: next } of chunks.get(path).imports) reach(basename(next))
    }
    reach('stdin.js')
    const sizes = outputFiles
      .filter(({ path }) => reached.has(basename(path)))
      .map(({ contents: bytes }) => [bytes.length, gzipSync(bytes, { level: 9 }).length])
    const [min, gzipped] = [0, 1].map((at) => sizes.reduce((sum, size) => sum + size[at], 0))
    console.log(`${String(min).padStart(7)} ${String(gzipped).padStart(7)}  ${name}`)
  } catch (error) {
    console.log(
      `    does not bundle  ${name}: ${error.errors[0].text} (${error.errors.length} such errors)`,
    )
  }
}

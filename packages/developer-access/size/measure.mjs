// Prints what the server side costs in a bundle, minified and gzipped, without the dependencies from outside of the
// repository: `node packages/developer-access/size/measure.mjs`.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const IMPORTS = {
  '@iamfetch/server': ['aws-jwt-verify'],
  '@iamfetch/developer-access': ['aws-jwt-verify', 'hono'],
  '@iamfetch/developer-access/sqlite': [],
  '@iamfetch/developer-access/dynamodb': ['@aws-sdk/client-dynamodb'],
}

for (const [entry, external] of Object.entries(IMPORTS)) {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from '${entry}'`,
      resolveDir: fileURLToPath(new URL('../src', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    conditions: ['@iamfetch/source'],
    external,
    write: false,
  })
  const [{ contents }] = outputFiles
  const sizes = [contents.length, gzipSync(contents, { level: 9 }).length]
  const others = external.length > 0 ? `, in addition to ${external.join(' and ')}` : ''
  console.log(`${sizes.map((size) => String(size).padStart(7)).join('')}  ${entry}${others}`)
}

import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'

/**
 * What an import costs in a bundle, minified and gzipped, as `7.2 kB`. It is read from the sources, so nothing has to be built.
 *
 * @param entry  What is imported, for example `@iamfetch/sigv4`.
 * @param names  What is taken from it, for example `createSigner`; `*` for everything.
 * @param external  Packages that do not count, because the text names them.
 */
export function bundleSize(entry, names, external = []) {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `export ${names === '*' ? '*' : `{ ${names} }`} from '${entry}'`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['@iamfetch/source'],
    external: ['node:*', ...external],
    write: false,
  })
  return `${(gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000).toFixed(1)} kB`
}

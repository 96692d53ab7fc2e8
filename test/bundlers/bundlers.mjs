import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { APPS_OWN } from './entries.mjs'

const peers = fileURLToPath(new URL('peers/x.js', import.meta.url))
const fromPeers = createRequire(peers)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** A bundler takes an entry file, and gives the bundle's text and what it warned about. Its defaults, for browsers. */
export const bundlers = {
  async Vite(entry, folder) {
    const { build } = await import('vite')
    const warnings = []
    const logger = {
      info() {},
      warn: (text) => warnings.push(text),
      warnOnce: (text) => warnings.push(text),
      error: (text) => warnings.push(text),
      clearScreen() {},
      hasErrorLogged: () => false,
      hasWarned: false,
    }
    const outputs = await build({
      root: folder,
      configFile: false,
      customLogger: logger,
      logLevel: 'warn',
      build: {
        write: false,
        lib: { entry, formats: ['es'], fileName: 'out' },
        rollupOptions: { external: APPS_OWN, onwarn: ({ message }) => warnings.push(message) },
      },
    })
    return {
      text: outputs.flatMap(({ output }) => output.map(({ code }) => code ?? '')).join('\n'),
      warnings,
    }
  },

  async webpack(entry, folder) {
    const webpack = fromPeers('webpack')
    const stats = await new Promise((resolve, reject) => {
      const config = {
        mode: 'production',
        target: 'web',
        context: folder,
        entry,
        externals: APPS_OWN,
        externalsType: 'module',
        experiments: { outputModule: true },
        output: { path: folder, filename: 'webpack.mjs', library: { type: 'module' } },
        performance: false,
      }
      webpack(config, (error, done) => (error ? reject(error) : resolve(done)))
    })
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
    const said = [...errors, ...warnings].map(({ message }) => message)
    return {
      text: said.length ? '' : readFileSync(join(folder, 'webpack.mjs'), 'utf8'),
      warnings: said,
    }
  },

  async esbuild(entry) {
    const { build } = await import('esbuild')
    const { outputFiles, warnings } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      external: APPS_OWN,
      logLevel: 'silent',
    })
    return { text: outputFiles[0].text, warnings: warnings.map(({ text }) => text) }
  },

  async Rollup(entry) {
    const { rollup } = await import('rollup')
    const { nodeResolve } = fromPeers('@rollup/plugin-node-resolve')
    const warnings = []
    const bundle = await rollup({
      input: entry,
      external: APPS_OWN,
      plugins: [nodeResolve({ browser: true })],
      onLog: (level, { message }) => level === 'warn' && warnings.push(message),
    })
    const { output } = await bundle.generate({ format: 'es' })
    await bundle.close()
    return { text: output[0].code, warnings }
  },

  /** As React Native's: its Babel preset, its conditions, and Hermes's compiler on what comes out. */
  async Metro(entry, folder) {
    const { runBuild, loadConfig } = fromPeers('metro')
    const warnings = []
    const config = await loadConfig(
      { cwd: folder },
      {
        projectRoot: folder,
        watchFolders: [root],
        cacheStores: [],
        reporter: {
          update: ({ type, error }) => error && warnings.push(`${type}: ${error.message}`),
        },
        resolver: {
          nodeModulesPaths: [join(root, 'node_modules'), join(peers, '../node_modules')],
          unstable_conditionNames: ['react-native'],
          blockList: [/\/packages\/[^/]+\/test\//],
          useWatchman: false,
        },
        transformer: {
          babelTransformerPath: fromPeers.resolve('@react-native/metro-babel-transformer'),
          hermesParser: true,
        },
        serializer: { polyfillModuleNames: [], getPolyfills: () => [] },
        maxWorkers: 1,
        resetCache: true,
      },
    )
    const out = join(folder, 'metro')
    const said = (...parts) => warnings.push(parts.join(' '))
    const { warn, log } = console
    Object.assign(console, { warn: said, log() {} })
    try {
      await runBuild(config, { entry, out, minify: false, dev: false, platform: 'ios' })
    } finally {
      Object.assign(console, { warn, log })
    }
    const compiler = {
      linux: 'linux64-bin/hermesc',
      darwin: 'osx-bin/hermesc',
      win32: 'win64-bin/hermesc.exe',
    }[process.platform]
    const hermesc = join(peers, '../node_modules/hermes-compiler/hermesc', compiler)
    execFileSync(hermesc, ['-emit-binary', '-O', '-w', '-out', `${out}.hbc`, `${out}.js`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { text: readFileSync(`${out}.js`, 'utf8'), warnings }
  },
}

/** The entry file of one bundle, with what a bundler asks of an app around it. */
export function appAt(folder, contents) {
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "app", "private": true, "type": "module" }',
  )
  writeFileSync(
    join(folder, 'babel.config.cjs'),
    `module.exports = { presets: [${JSON.stringify(fromPeers.resolve('@react-native/babel-preset'))}] }`,
  )
  const entry = join(folder, 'index.js')
  writeFileSync(entry, contents)
  return entry
}

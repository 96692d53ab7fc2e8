import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { result, step } from './report.mjs'
import { run } from './process.mjs'
import { findFiles } from '../../scripts/files.ts'

/**
 * Packs every package that is published, and checks the content of the tarballs.
 *
 * @returns By name: the manifest and the tarball.
 */
export function packAll(root, folder) {
  step('Tarballs: what is in them, and what their manifests say')
  mkdirSync(folder, { recursive: true })
  const license = readFileSync(join(root, 'LICENSE'), 'utf8')
  const packages = new Map()
  for (const path of findFiles(join(root, 'packages/*/package.json')).toSorted()) {
    const manifest = JSON.parse(readFileSync(path, 'utf8'))
    if (manifest.private) continue
    const cwd = dirname(path)
    const packed = run('npm', ['pack', '--json', '--pack-destination', folder], { cwd })
    if (!packed.fine) throw new Error(packed.all)
    const [{ filename, files, unpackedSize }] = Object.values(JSON.parse(packed.out))
    const tarball = join(folder, filename)
    packages.set(manifest.name, { manifest, tarball })
    const faults = [
      ...manifestFaults(manifest, cwd.slice(root.length + 1)),
      ...contentFaults(
        files.map((file) => file.path),
        manifest,
        cwd,
      ),
    ]
    if (readFileSync(join(cwd, 'LICENSE'), 'utf8') !== license) faults.push('another LICENSE')
    const size = `${files.length} files, ${Math.round(unpackedSize / 1000)} kB`
    result(faults.length === 0, `${manifest.name}: ${size}`, faults.join('\n'))
  }
  return packages
}

/** What a registry and a consumer read. */
function manifestFaults(manifest, directory) {
  const wanted = {
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    'repository.directory': directory,
    'publishConfig.provenance': true,
    'publishConfig.access': 'public',
  }
  const at = (path) => path.split('.').reduce((value, key) => value?.[key], manifest)
  const faults = Object.entries(wanted)
    .filter(([path, value]) => at(path) !== value)
    .map(([path, value]) => `${path} is ${at(path)}, not ${value}`)
  const present = ['description', 'repository.url', 'homepage', 'bugs', 'engines.node']
  faults.push(...present.filter((path) => !at(path)).map((path) => `${path} is missing`))
  for (const list of ['keywords', 'files']) {
    if (!at(list)?.length) faults.push(`${list} is empty`)
  }
  faults.push(...typesVersionsFaults(manifest))
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) {
    if (manifest.scripts?.[hook]) faults.push(`a script runs at installation: ${hook}`)
  }
  return faults
}

/** TypeScript with `moduleResolution: node10` does not read `exports`: it needs the same entries as `types` and `typesVersions`. */
function typesVersionsFaults({ exports, types, typesVersions }) {
  const listed = { '.': types }
  for (const [name, [file]] of Object.entries(typesVersions?.['*'] ?? {}))
    listed[`./${name}`] = file
  return Object.entries(exports)
    .filter(([path, target]) => path !== './package.json' && listed[path] !== target.types)
    .map(([path]) => `${path} is missing in types or typesVersions`)
}

/** Checks the content of a tarball: everything that it needs, nothing that it should not have. */
function contentFaults(files, manifest, cwd) {
  const template = (file) => file.startsWith('template/')
  const allowed =
    /^(README\.md|(MIGRATING|REACT|COMMAND|TELEMETRY)\.md|LICENSE|CHANGELOG\.md|package\.json|src\/.+\.tsx?|dist\/.+\.(c?js|js\.map|d\.ts))$/
  const faults = files
    .filter((file) => !allowed.test(file) && !template(file))
    .map((file) => `should not be there: ${file}`)
  faults.push(
    ...files
      .filter((file) => /(^|\/)(test|tests|node_modules|coverage|bench)\//.test(file))
      .filter((file) => !/^template\/test\/[\w-]+\.test\.ts$/.test(file))
      .map((file) => `should not be there: ${file}`),
  )
  // A package without sources has no source maps, and keeps the condition that only this repository sets.
  const hasSources = files.some((file) => file.startsWith('src/'))
  const programs = hasSources ? files.filter((name) => /^dist\/.+\.js$/.test(name)) : []
  for (const file of programs) {
    if (!files.includes(`${file}.map`)) faults.push(`no source map: ${file}`)
  }
  for (const target of targetsIn([manifest.exports, manifest.bin, manifest.imports], hasSources)) {
    const file = target.replace(/^\.\//, '')
    if (!files.includes(file)) faults.push(`the manifest points at what is not there: ${file}`)
  }
  for (const file of ['README.md', 'LICENSE']) {
    if (!files.includes(file)) faults.push(`missing: ${file}`)
  }
  for (const file of files) {
    const [secret] = SECRET.exec(readFileSync(resolve(cwd, file), 'utf8')) ?? []
    if (secret) faults.push(`looks like a secret: ${file}: ${secret.slice(0, 12)}…`)
  }
  return faults
}

/** Every path that is a value somewhere inside, with or without those of the sources. */
const targetsIn = (value, withSources) =>
  typeof value === 'string'
    ? [value]
    : Object.entries(value ?? {}).flatMap(([key, part]) =>
        key === '@iamfetch/source' && !withSources ? [] : targetsIn(part, withSources),
      )

/** Private keys, access keys that are no example of AWS's, tokens of registries and of GitHub, JSON Web Tokens. */
const SECRET =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]|\bA(KIA|SIA)(?!.{0,16}EXAMPLE)[A-Z2-7]{16}\b|\bnpm_[A-Za-z0-9]{36}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/

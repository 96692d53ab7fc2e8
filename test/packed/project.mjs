import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './process.mjs'

/** Dependencies on tarballs: `{ iamfetch: 'file:…' }`. */
export const fromTarballs = (packages, names = [...packages.keys()]) =>
  Object.fromEntries(names.map((name) => [name, `file:${packages.get(name).tarball}`]))

/**
 * Creates an empty project outside of the repository and installs into it.
 *
 * What it takes from tarballs, its dependencies take from there too: nothing of ours comes from a registry.
 */
export function makeProject(folder, packages, dependencies) {
  mkdirSync(folder, { recursive: true })
  const manifest = {
    name: 'consumer',
    version: '1.0.0',
    private: true,
    type: 'module',
    dependencies,
    overrides: overridesFor(packages, dependencies),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  install(folder)
}

/** Ours that are not named directly; npm rejects an override of a direct dependency. */
export const overridesFor = (packages, direct) =>
  Object.fromEntries(
    Object.entries(fromTarballs(packages)).filter(([name]) => !Object.hasOwn(direct, name)),
  )

export function install(folder, node) {
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error']
  const installed = run('npm', args, { cwd: folder, node })
  if (!installed.fine) throw new Error(`npm install failed in ${folder}:\n${installed.all}`)
}

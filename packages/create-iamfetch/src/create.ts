import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A project that was made. */
export interface Project {
  /** An absolute path. */
  folder: string
  /** As in its package.json. */
  name: string
}

/**
 * Creates a project: a React app, a definition of its API and tests. Nothing is installed and nothing is downloaded.
 *
 * @param path  A folder that does not exist yet, or is empty but for `.git`.
 * @throws Error that says in words what is in the way; nothing was written then.
 */
export function createProject(path: string): Project {
  const folder = resolve(path)
  checkEmpty(folder, path)
  const name = nameFrom(basename(folder))
  createFolder(folder, path)
  cpSync(fileURLToPath(new URL('../template', import.meta.url)), folder, {
    recursive: true,
    filter: (source) =>
      !/[/\\](node_modules|dist|cdk\.out)([/\\]|$)/.test(source.split('template').at(-1) ?? ''),
  })
  // npm leaves a .gitignore out of packages.
  renameSync(join(folder, '_gitignore'), join(folder, '.gitignore'))
  const manifest = join(folder, 'package.json')
  const content: Manifest = JSON.parse(readFileSync(manifest, 'utf8'))
  const withRanges = (dependencies: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(dependencies).map(([key, range]) => [key, ownRanges[key] ?? range]),
    )
  const { devDependencies: ownRanges = {} } = ownManifest()
  const created = {
    ...content,
    name,
    dependencies: withRanges(content.dependencies ?? {}),
    devDependencies: withRanges(content.devDependencies ?? {}),
  }
  writeFileSync(manifest, `${JSON.stringify(created, null, 2)}\n`)
  return { folder, name }
}

interface Manifest {
  name: string
  version: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/** Which versions of our packages this version goes with: a release keeps the ranges there up to date. */
const ownManifest = (): Manifest =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** The version of this package. */
export const versionOf = (): string => ownManifest().version

function checkEmpty(folder: string, path: string): void {
  if (!existsSync(folder)) return
  let entries: string[]
  try {
    entries = readdirSync(folder).filter((name) => name !== '.git')
  } catch {
    throw new Error(`"${path}" is not a folder. Give the name of a new folder.`)
  }
  if (entries.length === 0) return
  const some = entries.slice(0, 3).join(', ') + (entries.length > 3 ? ', …' : '')
  throw new Error(`"${path}" is not empty (${some}). Give the name of a new folder.`)
}

function createFolder(folder: string, path: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const text = `The folder "${path}" cannot be created (${why}). Give the name of another folder.`
    throw new Error(text, { cause })
  }
}

/**
 * A folder's name as npm takes it for a package.
 *
 * @see [npm: package.json, name](https://docs.npmjs.com/cli/configuring-npm/package-json#name)
 */
function nameFrom(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._~-]+/g, '-')
    .replace(/^[-._]+|-+$/g, '')
    .slice(0, 214)
  // These two names are npm's own.
  return /^(node_modules|favicon\.ico)?$/.test(name) ? 'iamfetch-app' : name
}

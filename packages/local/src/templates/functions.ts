import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { HandlerSource } from '../definition/backend.ts'
import { idOf, resourcesOf, type Reading, type Resource } from './reading.ts'
import { dictionaryIn, memberOf, textIn, type Dictionary } from './values.ts'

const TYPES = ['AWS::Lambda::Function', 'AWS::Serverless::Function']

/** Finds the function of an ARN, a name or an integration URI. */
export function readFunction(reading: Reading, target: unknown): Resource | undefined {
  if (typeof target !== 'string') return undefined
  // The ARN may have a version or an alias, and an integration URI contains it.
  const [, name = target] = /:function:([\w-]+)/.exec(target) ?? []
  return resourcesOf(reading, ...TYPES).find(
    (resource) => idOf(reading, resource) === name || resource.logicalId === name,
  )
}

/** Whether a name or an ARN has a version or an alias of the function. */
export const isQualified = (target: unknown): boolean =>
  typeof target === 'string' && /(:function:|^)[\w-]+:[\w$-]+$/.test(target)

/**
 * Returns what runs a function: what the options give for it, else its code. A function that cannot be run is noted, and
 * a call of it fails with the reason, after authorization.
 */
export function handlerOf(reading: Reading, target: unknown, usedBy: string): HandlerSource {
  const found = readFunction(reading, target)
  if (!found) {
    const shown = typeof target === 'string' ? target : 'not known here'
    return failing(reading, usedBy, `its function is ${shown}, which is not in the template`)
  }
  const source = sourceOf(reading, found)
  return 'missing' in source ? failing(reading, found.logicalId, source.missing) : source.handler
}

/** The handler of a function, or why there is none. Several routes of one function get the same handler. */
export function sourceOf(
  reading: Reading,
  resource: Resource,
): { handler: HandlerSource } | { missing: string } {
  const source = reading.found.get(resource.logicalId) ?? findSource(reading, resource)
  reading.found.set(resource.logicalId, source)
  return source
}

function findSource(
  reading: Reading,
  found: Resource,
): { handler: HandlerSource } | { missing: string } {
  const { logicalId } = found
  const given = reading.functions[logicalId]
  if (given !== undefined) return { handler: given }
  const properties = withGlobals(reading, found)
  const give = `give it with the option "functions.${logicalId}"`
  const runtime = textIn(properties, 'Runtime')
  if (textIn(properties, 'PackageType') === 'Image') {
    return { missing: `it is a container image; run it and ${give}` }
  }
  if (runtime !== undefined && !runtime.startsWith('nodejs')) {
    return {
      missing: `it runs on ${runtime}; run it with the runtime interface emulator and ${give}`,
    }
  }
  const file = fileOf(reading, properties)
  if (file === undefined) return { missing: `its code is not in the template's folder; ${give}` }
  const timeout = Number(textIn(properties, 'Timeout') ?? 3)
  return {
    handler: {
      file,
      environment: environmentOf(reading, logicalId, properties),
      timeoutSeconds: timeout,
      memoryMb: Number(textIn(properties, 'MemorySize') ?? 128),
    },
  }
}

const failing = (reading: Reading, logicalId: string, reason: string): HandlerSource => {
  reading.problems.note(logicalId, reason)
  return () => {
    throw new Error(`${logicalId}: ${reason}`)
  }
}

function withGlobals(reading: Reading, { type, properties }: Resource): Dictionary {
  if (type !== 'AWS::Serverless::Function') return properties
  const globals = dictionaryIn(reading.globals, 'Function')
  const variables = {
    ...dictionaryIn(memberOf(globals, 'Environment'), 'Variables'),
    ...dictionaryIn(memberOf(properties, 'Environment'), 'Variables'),
  }
  return { ...globals, ...properties, Environment: { Variables: variables } }
}

function environmentOf(
  { problems }: Reading,
  logicalId: string,
  properties: Dictionary,
): Record<string, string> {
  const variables = dictionaryIn(memberOf(properties, 'Environment'), 'Variables')
  const environment: Record<string, string> = {}
  for (const name of Object.keys(variables)) {
    const value = textIn(variables, name)
    if (value !== undefined) environment[name] = value
    else
      problems.note(logicalId, `its environment variable ${name} is known on AWS only and not set`)
  }
  return environment
}

const EXTENSIONS = ['.mjs', '.js', '.cjs', '.ts', '.mts', '.cts']

/** `./path/index.mjs#handler` */
function fileOf(reading: Reading, properties: Dictionary): string | undefined {
  const handler = textIn(properties, 'Handler') ?? 'index.handler'
  const dot = handler.lastIndexOf('.')
  const [module, exportName] = [handler.slice(0, dot), handler.slice(dot + 1)]
  const code = dictionaryIn(properties, 'Code')
  const inline = textIn(properties, 'InlineCode') ?? textIn(code, 'ZipFile')
  if (inline !== undefined) return `${inlineFile(inline)}#${exportName}`
  const folder = codeFolder(reading, properties, code)
  const path = EXTENSIONS.map((extension) => join(folder ?? '', `${module}${extension}`)).find(
    (candidate) => folder !== undefined && existsSync(candidate),
  )
  return path === undefined ? undefined : `${path}#${exportName}`
}

/** The folder of the code: a path of the template, or the asset of the CDK. */
function codeFolder(
  { folder }: Reading,
  properties: Dictionary,
  code: Dictionary,
): string | undefined {
  const uri = textIn(properties, 'CodeUri') ?? textIn(properties, 'Code')
  const key = textIn(code, 'S3Key')
  const candidates = [
    ...(uri !== undefined && !uri.startsWith('s3:') ? [resolve(folder, uri)] : []),
    ...(key !== undefined ? [join(folder, `asset.${basename(key, '.zip')}`)] : []),
    ...(uri === undefined && key === undefined ? [folder] : []),
  ]
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isDirectory())
}

let inlineFolder: string | undefined

/** Writes code of a template to a file, which is removed when the process ends. */
function inlineFile(code: string): string {
  if (inlineFolder === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'iamfetch-local-'))
    process.once('exit', () => rmSync(created, { recursive: true, force: true }))
    inlineFolder = created
  }
  const folder = mkdtempSync(join(inlineFolder, 'function-'))
  // Without a package.json, Node distinguishes CommonJS and ECMAScript modules by their text.
  writeFileSync(join(folder, 'index.js'), code)
  return join(folder, 'index.js')
}

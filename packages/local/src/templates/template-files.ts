import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { invalidOption, show } from '../invalid-option.ts'
import { parseTemplate } from './parse-template.ts'
import type { Reading } from './reading.ts'
import { isDictionary, type Dictionary } from './values.ts'
import { parse } from 'yaml'

/** A template that was found. */
export interface FoundTemplate {
  /** The absolute path of the file. */
  file: string
  /** The name of the stack. */
  name: string
  template: Dictionary
}

/** Where `sam build` puts the built template. */
const BUILT = '.aws-sam/build/template.yaml'

/**
 * Finds and parses a template: a file, a folder `cdk.out`, or a folder with a `template.yaml`.
 *
 * @param stack  The stack of `cdk.out`, if it has several.
 * @throws `TypeError` with the code `INVALID_OPTION` that says what is there instead.
 */
export function findTemplate(path: string, stack: string | undefined): FoundTemplate {
  const found = resolve(path)
  if (!existsSync(found)) throw invalid(`"path" must be a file or a folder, got ${show(path)}`)
  if (!statSync(found).isDirectory()) return read(found, 'template')
  const stacks = readdirSync(found)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => name.replace(/\.template\.json$/, ''))
    .toSorted()
  if (stacks.length > 0) return read(join(found, `${choose(stacks, stack)}.template.json`), stack)
  const file = ['template.yaml', 'template.yml', 'template.json', BUILT]
    .map((name) => join(found, name))
    .find((candidate) => existsSync(candidate))
  if (file !== undefined) return read(file, 'template')
  throw invalid(
    `"path" must be a template, a cdk.out or a folder with a template.yaml, got ${show(path)}`,
  )
}

function choose(stacks: readonly string[], stack: string | undefined): string {
  const [only, ...more] = stacks
  if (stack === undefined && only !== undefined && more.length === 0) return only
  if (stack !== undefined && stacks.includes(stack)) return stack
  throw invalid(`"stack" must be one of ${stacks.join(', ')}, got ${show(stack)}`)
}

function read(file: string, name = file.replace(/^.*[\\/]|\.template\.json$/g, '')): FoundTemplate {
  try {
    return { file, name, template: parseTemplate(readFileSync(file, 'utf8')) }
  } catch (cause) {
    // The parser shows the lines as well, below its sentence.
    const [why = ''] = String(cause instanceof Error ? cause.message : cause).split(/:?\n/)
    throw Object.assign(invalid(`"${file}" is not a template: ${why}`), { cause })
  }
}

const invalid = (problem: string): TypeError => invalidOption('stackFromTemplate', problem)

/** Reads the OpenAPI document that a SAM API names by a path. */
export function readOpenApiFile(
  { folder, problems }: Reading,
  logicalId: string,
  uri: unknown,
): unknown {
  if (uri === undefined) return undefined
  const path = typeof uri === 'string' && !uri.startsWith('s3:') ? resolve(folder, uri) : undefined
  if (path === undefined || !existsSync(path)) {
    problems.refuse(
      logicalId,
      'its OpenAPI document (DefinitionUri) is not in the folder of the template',
    )
    return undefined
  }
  const document: unknown = parse(readFileSync(path, 'utf8'))
  return isDictionary(document) ? document : undefined
}

/** The folder that paths of a template are relative to. */
export const folderOf = ({ file }: FoundTemplate): string => dirname(file)

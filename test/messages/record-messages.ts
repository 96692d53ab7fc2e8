import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from '@typescript/typescript6'
import { collectMessages, readSources, root, type Message } from './collect-messages.ts'
import { RECORDS } from './records.ts'

/** The functions of `recorder.mjs`. */
const TEXT = 'globalThis.iamfetchMessageText'
const ERROR = 'globalThis.iamfetchCreatedError'

interface Insertion {
  readonly at: number
  readonly text: string
}

interface Plugin {
  readonly name: string
  readonly enforce: 'pre'
  transform(code: string, id: string): { code: string; map: null } | undefined
}

/** What identifies a message in records. Two equal texts of one file are one message. */
export const keyOf = ({ folder, file, kind, code = '', text }: Message): string =>
  [`${folder}/src/${file}`, kind, code, text].join('\t')

/** A Vite plugin that makes the sources of the packages report each message that they fill in and each error that they create. */
export function recordMessages(): Plugin {
  const sources = instrumentedSources()
  mkdirSync(RECORDS, { recursive: true })
  // For the processes and threads that load the sources without Vite.
  writeFileSync(join(RECORDS, 'instrumented.json'), JSON.stringify(Object.fromEntries(sources)))
  return {
    name: 'record-messages',
    enforce: 'pre',
    transform(_code, id) {
      const path = relative(root, id.split('?')[0] ?? id).replaceAll('\\', '/')
      const code = sources.get(path)
      // Without a source map, because every insertion stays on its line.
      return code === undefined ? undefined : { code, map: null }
    },
  }
}

/** The sources that report, by path from the root. */
function instrumentedSources(): ReadonlyMap<string, string> {
  const sources = readSources()
  const insertions = new Map<string, Insertion[]>()
  for (const [path, source] of sources) insertions.set(path, errorInsertions(source, path))
  const getters = new Set<ts.Node>()
  for (const message of collectMessages(sources)) {
    insertions
      .get(`${message.folder}/src/${message.file}`)
      ?.push(...textInsertions(message, getters))
  }
  const found = new Map<string, string>()
  for (const [path, source] of sources) {
    const inFile = insertions.get(path) ?? []
    if (inFile.length > 0) found.set(path, insert(source.text, inFile))
  }
  return found
}

/** The same code with insertions. Those at one place keep their order. */
function insert(code: string, insertions: readonly Insertion[]): string {
  const parts: string[] = []
  let end = 0
  for (const { at, text } of insertions.toSorted((a, b) => a.at - b.at)) {
    parts.push(code.slice(end, at), text)
    end = at
  }
  return parts.join('') + code.slice(end)
}

/** Wraps each `new …Error(…)`. */
function errorInsertions(source: ts.SourceFile, path: string): Insertion[] {
  const found: Insertion[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && /(Error|Refusal)$/.test(node.expression.getText())) {
      const call = `${ERROR}(${JSON.stringify(path)}, `
      found.push({ at: node.getStart(), text: call }, { at: node.getEnd(), text: ')' })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/**
 * Wraps a text. A property of a constant becomes a getter, so that it reports when it is read. Any other constant reports
 * nothing, and is found in the errors that have it.
 *
 * @param getters  The properties that are getters already.
 */
function textInsertions(message: Message, getters: Set<ts.Node>): Insertion[] {
  const { node } = message
  const call = `${TEXT}(${JSON.stringify(keyOf(message))}, `
  const wrapped = [
    { at: node.getStart(), text: call },
    { at: node.getEnd(), text: ')' },
  ]
  if (isInFunction(node)) return wrapped
  const property = propertyOf(node)
  if (!property) return []
  if (getters.has(property)) return wrapped
  getters.add(property)
  const { name, initializer } = property
  return [
    { at: name.getStart(), text: 'get ' },
    // The colon becomes a comment.
    { at: name.getEnd(), text: '() { return (/*' },
    { at: initializer.getStart(), text: '*/' },
    ...wrapped,
    { at: initializer.getEnd(), text: ') }' },
  ]
}

/** The property that has this text, alone or in a list. */
function propertyOf(node: ts.Node): ts.PropertyAssignment | undefined {
  const { parent } = node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node ? parent : undefined
  return ts.isArrayLiteralExpression(parent) || ts.isParenthesizedExpression(parent)
    ? propertyOf(parent)
    : undefined
}

function isInFunction(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    if (ts.isFunctionLike(at)) return true
  }
  return false
}

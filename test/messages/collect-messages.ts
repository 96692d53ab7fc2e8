import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from '@typescript/typescript6'

/** One text that a package can show to a person. */
export interface Message {
  /** `packages/core`. */
  readonly folder: string
  /** The source file, relative to the folder's `src`. */
  readonly file: string
  /** An error's code, `TypeError`, or `undefined` if it is decided elsewhere. */
  readonly code: string | undefined
  readonly kind: 'message' | 'remedy'
  /** The text, with `{name}` where a value is filled in. */
  readonly text: string
}

const root = join(import.meta.dirname, '../..')

/** Collects the texts of all errors, option errors and remedies from the sources of the packages, in order of appearance. */
export function collectMessages(): Message[] {
  const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !path.startsWith('packages/testing/'))
    .toSorted()
    .map((path) =>
      ts.createSourceFile(
        path,
        readFileSync(join(root, path), 'utf8'),
        ts.ScriptTarget.Latest,
        true,
      ),
    )
  return sources.flatMap((source) => messagesOf(source, wordedFunctions(source)))
}

/** Functions of a file that take a message or a remedy, with the position of each. */
type WordedFunctions = ReadonlyMap<string, readonly (Message['kind'] | undefined)[]>

function wordedFunctions(source: ts.SourceFile): WordedFunctions {
  const found = new Map<string, readonly (Message['kind'] | undefined)[]>()
  const note = (name: string, parameters: readonly ts.ParameterDeclaration[]): void => {
    const kinds = parameters.map(
      ({ name: parameter }) => KIND_OF_PARAMETER[parameter.getText(source)],
    )
    if (kinds.some((kind) => kind !== undefined)) found.set(name, kinds)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name) note(node.name.text, node.parameters)
    if (
      ts.isVariableDeclaration(node) &&
      node.initializer &&
      ts.isArrowFunction(node.initializer)
    ) {
      note(node.name.getText(source), node.initializer.parameters)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const KIND_OF_PARAMETER: Readonly<Record<string, Message['kind'] | undefined>> = {
  message: 'message',
  problem: 'message',
  remedy: 'remedy',
}

function messagesOf(source: ts.SourceFile, worded: WordedFunctions): Message[] {
  const [folder = '', file = ''] = source.fileName.split('/src/')
  const found: Message[] = []
  const seen = new Set<ts.Node>()
  const add = (node: ts.Node | undefined, kind: Message['kind'], code?: string): void => {
    if (!node) return
    for (const [leaf, text] of textsOf(node)) {
      if (seen.has(leaf)) continue
      seen.add(leaf)
      found.push({ folder, file, code, kind, text })
    }
  }
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const name = ts.isIdentifier(node.expression) ? node.expression.text : ''
      const [first, second, third] = node.arguments ?? []
      if (name === 'IamFetchError') {
        const code = first && ts.isStringLiteral(first) ? first.text : undefined
        add(second, 'message', code)
        add(propertyOf(third, 'remedy'), 'remedy', code)
      } else if (name === 'invalidOption') add(second, 'message', 'INVALID_OPTION')
      else if (name === 'TypeError') add(first, 'message', 'TypeError')
      worded.get(name)?.forEach((kind, index) => {
        if (kind) add(node.arguments?.[index], kind)
      })
    }
    if (ts.isVariableDeclaration(node) && /REMED/.test(node.name.getText(source))) {
      for (const text of stringsIn(node.initializer)) add(text, 'remedy')
    }
    if (ts.isPropertyAssignment(node)) {
      const name = node.name.getText(source)
      if (name === 'remedy' || name === 'message') add(node.initializer, name)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The texts that are values in a table. */
function stringsIn(node: ts.Node | undefined): ts.Node[] {
  if (!node) return []
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return [node]
  if (ts.isPropertyAssignment(node)) return stringsIn(node.initializer)
  const found: ts.Node[] = []
  ts.forEachChild(node, (child) => void found.push(...stringsIn(child)))
  return found
}

function propertyOf(node: ts.Node | undefined, name: string): ts.Node | undefined {
  if (!node || !ts.isObjectLiteralExpression(node)) return undefined
  const property = node.properties.find((candidate) => candidate.name?.getText() === name)
  return property && ts.isPropertyAssignment(property) ? property.initializer : undefined
}

/** The texts that an expression can become: both sides of a condition, and a template with the names of its values. */
function textsOf(node: ts.Node): [ts.Node, string][] {
  if (ts.isStringLiteralLike(node)) return [[node, node.text]]
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(
      ({ expression, literal }) => `{${nameOf(expression)}}${literal.text}`,
    )
    return [[node, node.head.text + spans.join('')]]
  }
  if (ts.isConditionalExpression(node))
    return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)]
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression)
  if (ts.isBinaryExpression(node)) {
    if (node.operatorToken.kind !== ts.SyntaxKind.PlusToken)
      return [...textsOf(node.left), ...textsOf(node.right)]
    const [[, left] = [], [, right] = []] = [textsOf(node.left)[0], textsOf(node.right)[0]]
    return [[node, `${left ?? `{${nameOf(node.left)}}`}${right ?? `{${nameOf(node.right)}}`}`]]
  }
  return []
}

/** A short name for a value in a template. */
const nameOf = (node: ts.Node): string => /[\w$]+(?=[^\w$]*$)/.exec(node.getText())?.[0] ?? 'value'

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from '@typescript/typescript6'
import { findFiles } from '../../scripts/files.ts'

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
  /** The expression in the source. */
  readonly node: ts.Node
}

export const root = join(import.meta.dirname, '../..')

/** Reads the sources of the packages that people install, by path from the root. */
export function readSources(): ReadonlyMap<string, ts.SourceFile> {
  const paths = findFiles('packages/*/src/**/*.{ts,tsx}', { cwd: root })
    .filter((path) => !path.startsWith('packages/testing/'))
    .toSorted()
  return new Map(paths.map((path) => [path, parse(path)]))
}

const parse = (path: string): ts.SourceFile =>
  ts.createSourceFile(
    path,
    readFileSync(join(root, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  )

/** Collects the texts of all errors, option errors and remedies from the sources, in order of appearance. */
export function collectMessages(sources = readSources()): Message[] {
  const declared = new Map<string, WordedFunctions>()
  for (const [path, source] of sources) declared.set(path, wordedFunctions(source))
  return [...sources].flatMap(([path, source]) => {
    const worded = new Map([...importedFunctions(source, declared), ...declared.get(path)!])
    return messagesOf(source, worded)
  })
}

/** A function of a file that takes a message or a remedy. */
interface WordedFunction {
  /** What each parameter is. */
  readonly kinds: readonly (Message['kind'] | undefined)[]
  /** The code of the errors that it creates, if it is the same for all. */
  readonly code: string | undefined
}
type WordedFunctions = ReadonlyMap<string, WordedFunction>

function wordedFunctions(source: ts.SourceFile): WordedFunctions {
  const found = new Map<string, WordedFunction>()
  const note = (name: string, declared: ts.FunctionDeclaration | ts.ArrowFunction): void => {
    const kinds = declared.parameters.map(
      ({ name: parameter }) => KIND_OF_PARAMETER[parameter.getText(source)],
    )
    if (kinds.some((kind) => kind !== undefined))
      found.set(name, { kinds, code: onlyCode(declared) })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name) note(node.name.text, node)
    if (
      ts.isVariableDeclaration(node) &&
      node.initializer &&
      ts.isArrowFunction(node.initializer)
    ) {
      note(node.name.getText(source), node.initializer)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** The worded functions that a file imports from its own package, by the names that it has for them. */
function importedFunctions(
  source: ts.SourceFile,
  declared: ReadonlyMap<string, WordedFunctions>,
): WordedFunctions {
  const found = new Map<string, WordedFunction>()
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier))
      continue
    const from = declared.get(join(dirname(source.fileName), statement.moduleSpecifier.text))
    const names = statement.importClause?.namedBindings
    if (!from || !names || !ts.isNamedImports(names)) continue
    for (const { name, propertyName } of names.elements) {
      const worded = from.get((propertyName ?? name).text)
      if (worded) found.set(name.text, worded)
    }
  }
  return found
}

/** The code of the errors that a function creates, or `undefined` if it has none or several. */
function onlyCode(declared: ts.Node): string | undefined {
  const codes = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const code = codeIn(node.arguments?.[0])
      if (code) codes.add(code)
      if (ts.isIdentifier(node.expression) && node.expression.text === 'invalidOption') {
        codes.add('INVALID_OPTION')
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(declared)
  return codes.size === 1 ? [...codes][0] : undefined
}

/** The error code that an argument or the name of a property is. */
function codeIn(node: ts.Node | undefined): string | undefined {
  if (!node || !(ts.isStringLiteral(node) || ts.isIdentifier(node))) return undefined
  return ERROR_CODES.has(node.text) ? node.text : undefined
}

/** The members of the union `ErrorCode`. */
const ERROR_CODES: ReadonlySet<string> = new Set(
  readFileSync(join(root, 'packages/core/src/error.ts'), 'utf8')
    .match(/^ {2}\| '[A-Z_]+'$/gm)
    ?.map((line) => line.slice(5, -1)),
)

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
      found.push({ folder, file, code, kind, text, node: leaf })
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
      else if (ts.isNewExpression(node) && /^(Type|Command|)Error$/.test(name))
        add(first, 'message', name)
      else if (first && ts.isStringLiteral(first) && codeIn(first)) {
        // A function of its package that creates the error: `refusal('TOKEN_INVALID', 'The token …')`.
        add(second, 'message', codeIn(first))
        add(propertyOf(third, 'remedy'), 'remedy', codeIn(first))
      }
      const called = worded.get(name)
      called?.kinds.forEach((kind, index) => {
        if (kind) add(node.arguments?.[index], kind, called.code)
      })
    }
    if (ts.isPropertyAssignment(node) && codeIn(node.name)) {
      // A table by code: `INVALID_SCOPE: { message: 'The token endpoint …' }`.
      for (const kind of ['message', 'remedy'] as const) {
        add(propertyOf(node.initializer, kind), kind, codeIn(node.name))
      }
    }
    if (
      ts.isVariableDeclaration(node) &&
      /^(\w*REMED\w*|remedies)$/.test(node.name.getText(source))
    ) {
      for (const [text, code] of stringsIn(node.initializer)) add(text, 'remedy', code)
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

/** The texts that are values in a table, each with the code that it is for. */
function stringsIn(node: ts.Node | undefined, code?: string): [ts.Node, string | undefined][] {
  if (!node) return []
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return [[node, code]]
  if (ts.isPropertyAssignment(node)) return stringsIn(node.initializer, codeIn(node.name) ?? code)
  const found: [ts.Node, string | undefined][] = []
  ts.forEachChild(node, (child) => void found.push(...stringsIn(child, code)))
  return found
}

function propertyOf(node: ts.Node | undefined, name: string): ts.Node | undefined {
  if (!node || !ts.isObjectLiteralExpression(node)) return undefined
  const property = node.properties.find((candidate) => candidate.name?.getText() === name)
  return property && ts.isPropertyAssignment(property) ? property.initializer : undefined
}

/** The texts that an expression can become: both sides of a condition, each of a list, and a template with the names of its values. */
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
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(textsOf)
  if (ts.isSpreadElement(node)) return textsOf(node.expression)
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

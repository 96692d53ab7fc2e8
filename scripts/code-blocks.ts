/** Languages that are not compiled. `js` is not among them: code is TypeScript here. */
const PLAIN = new Set(['', 'sh', 'json', 'yaml', 'text', 'http', 'diff', 'html'])

/** Languages that are compiled. Of a `vue` or `svelte` block the script is type-checked and the whole is compiled. */
const COMPILED = ['ts', 'tsx', 'vue', 'svelte'] as const
type Extension = (typeof COMPILED)[number]

/** A block that is compiled. Blocks with a name are one program; every other block is a module of its own. */
export interface CodeBlock {
  /** Of its fence, from 1. */
  line: number
  extension: Extension
  /** The file that it is, from `ts [src/api.ts]`. */
  name?: string
  code: string
}

/** A block that says why it is not compiled. */
export interface ExemptBlock {
  file: string
  line: number
  reason: string
}

/**
 * Finds the code blocks of a Markdown text that are compiled.
 *
 * A `ts`, `tsx`, `vue` or `svelte` block is compiled unless the line before it is `<!-- not compiled: why -->`. A name in
 * brackets after the language is the file's name: other named blocks of the same text can import it. A language that is
 * neither compiled nor known to need no compiler is an error, and so is anything else after the language: no block escapes
 * by its spelling.
 *
 * @param file  For messages.
 * @throws Error that names file and line.
 */
export function codeBlocks(
  text: string,
  file: string,
): { blocks: CodeBlock[]; notCompiled: ExemptBlock[] } {
  const blocks: CodeBlock[] = []
  const notCompiled: ExemptBlock[] = []
  let marker: string | undefined
  let open: OpenBlock | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', ticks, info = ''] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (open) {
      if (ticks?.startsWith(open.ticks) && info.trim() === '') {
        close(open, { blocks, notCompiled, file })
        open = undefined
      } else open.code.push(line.slice(open.indent))
    } else if (ticks) {
      const at = `${file}, line ${index + 1}`
      const { extension, name } = readInfo(info.trim(), at)
      if (marker && !extension) throw new Error(`${at}: only compiled code needs "not compiled"`)
      open = {
        line: index + 1,
        ticks,
        indent: indent.length,
        extension,
        name,
        reason: marker,
        code: [],
      }
      marker = undefined
    } else if (marker && line.trim()) {
      throw new Error(`${file}, line ${index}: no block follows "not compiled"`)
    } else {
      const [found, reason = ''] = /^\s*<!-- not compiled:?(.*?)-->\s*$/.exec(line) ?? []
      if (found && !reason.trim()) {
        throw new Error(`${file}, line ${index + 1}: "not compiled" needs its reason`)
      }
      if (found) marker = reason.trim()
    }
  }
  if (open) throw new Error(`${file}, line ${open.line}: this block has no end`)
  return { blocks, notCompiled }
}

/** Reads what follows the fence: a language, and perhaps a file name in brackets. */
function readInfo(
  info: string,
  at: string,
): { extension: Extension | undefined; name: string | undefined } {
  const [, language = '', name] = /^(\S*)(?: \[([\w./-]+)\])?$/.exec(info) ?? [undefined, info]
  const extension = COMPILED.find((compiled) => compiled === language)
  if (!extension && !PLAIN.has(language)) {
    throw new Error(
      `${at}: \`\`\`${info} is not checked; write ${COMPILED.join(', ')} or a plain language`,
    )
  }
  if (extension && name && !name.endsWith(`.${extension}`)) {
    throw new Error(`${at}: "${name}" is not the name of a ${extension} file`)
  }
  return { extension, name }
}

function close(
  { line, extension, name, reason, code }: OpenBlock,
  { blocks, notCompiled, file }: { blocks: CodeBlock[]; notCompiled: ExemptBlock[]; file: string },
): void {
  if (reason) {
    notCompiled.push({ file, line, reason })
    return
  }
  if (!extension) return
  if (name && blocks.some((block) => block.name === name)) {
    throw new Error(`${file}, line ${line}: a second block is called "${name}"`)
  }
  blocks.push({ line, extension, ...(name && { name }), code: code.join('\n') })
}

interface OpenBlock {
  line: number
  ticks: string
  indent: number
  extension: Extension | undefined
  name: string | undefined
  reason: string | undefined
  code: string[]
}

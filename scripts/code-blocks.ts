/** Languages that nobody compiles. `js` is not among them: what is code here is TypeScript. */
const PLAIN = new Set(['', 'sh', 'json', 'yaml', 'text', 'http', 'diff'])

/** A block that is compiled as a module of its own. */
export interface CodeBlock {
  /** Of its fence, from 1. */
  line: number
  extension: 'ts' | 'tsx'
  code: string
}

/** A block that says why it is not compiled. */
export interface ExemptBlock {
  file: string
  line: number
  reason: string
}

/**
 * Finds the TypeScript blocks of a Markdown text.
 *
 * A `ts` or `tsx` block is compiled unless the line before it is `<!-- not compiled: why -->`. A language that is neither
 * TypeScript nor known to need no compiler is an error, and so is anything behind `ts`: no block escapes by its spelling.
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
        if (open.reason) notCompiled.push({ file, line: open.line, reason: open.reason })
        else if (open.extension) {
          blocks.push({ line: open.line, extension: open.extension, code: open.code.join('\n') })
        }
        open = undefined
      } else open.code.push(line.slice(open.indent))
    } else if (ticks) {
      const at = `${file}, line ${index + 1}`
      const language = info.trim()
      const extension = language === 'ts' || language === 'tsx' ? language : undefined
      if (!extension && !PLAIN.has(language)) {
        throw new Error(
          `${at}: \`\`\`${language} is not checked; write ts, tsx or a plain language`,
        )
      }
      if (marker && !extension) throw new Error(`${at}: only TypeScript needs "not compiled"`)
      open = { line: index + 1, ticks, indent: indent.length, extension, reason: marker, code: [] }
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

interface OpenBlock {
  line: number
  ticks: string
  indent: number
  extension: CodeBlock['extension'] | undefined
  reason: string | undefined
  code: string[]
}

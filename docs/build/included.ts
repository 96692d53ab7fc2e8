import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rewriteLinks } from './links.ts'

const root = join(import.meta.dirname, '../..')

/**
 * Replaces what a page includes by the text itself, so that nothing is written twice.
 *
 * - `<!-- include FILE -->`: a Markdown file without its title.
 * - `<!-- include FILE ## Heading -->`: the section below that heading.
 * - `<!-- include FILE until ## Heading -->`: everything before that heading.
 * - `<!-- include FILE from "…" to "…" -->`: the lines from the one that begins like this to the end of the
 *   paragraph that begins like that.
 * - `<!-- include? FILE … -->` with a text and `<!-- /include -->` after it: that text until the file exists.
 * - `<!-- code FILE -->`, `<!-- code FILE from "…" -->`: source code, whole or from the line that begins like this to
 *   the end of its block. `as NAME` at the end shows another file name.
 *
 * @param page  Where the text is from, for the message.
 * @throws Error that names page, file and what was not found there.
 */
export function withIncludes(text: string, page: string): string {
  return text
    .replace(
      /^<!-- include\? (\S+)(.*?) -->\n([^]*?)^<!-- \/include -->$/gm,
      (_found, file: string, rest: string, instead: string) =>
        existsSync(join(root, file)) ? markdown(file, rest, page) : instead.trim(),
    )
    .replace(/^<!-- include (\S+)(.*?) -->$/gm, (_found, file: string, rest: string) =>
      markdown(file, rest, page),
    )
    .replace(/^<!-- code (\S+)(.*?) -->$/gm, (_found, file: string, rest: string) =>
      code(file, rest, page),
    )
}

function markdown(file: string, rest: string, page: string): string {
  const text = read(file, page).replace(/^# .*\n+/, '')
  const heading = /^ (#+ .+)$/.exec(rest)?.[1]
  const until = /^ until (#+ .+)$/.exec(rest)?.[1]
  const range = /^ from "(.+)" to "(.+)"$/.exec(rest)
  const missing = (what: string): never => {
    throw new Error(`${page}: ${file} has no ${what}`)
  }
  let part = text
  if (heading) {
    const at = `\n${text}`.indexOf(`\n${heading}\n`)
    if (at < 0) return missing(`heading "${heading}"`)
    const below = text.slice(at + heading.length)
    const level = heading.indexOf(' ')
    part = below.split(new RegExp(`^#{1,${level}} `, 'm'))[0]!
  } else if (until) {
    const at = `\n${text}`.indexOf(`\n${until}\n`)
    if (at < 0) return missing(`heading "${until}"`)
    part = text.slice(0, at)
  } else if (range) {
    const lines = text.split('\n')
    const first = lines.findIndex((line) => line.startsWith(range[1]!))
    if (first < 0) return missing(`line that begins with "${range[1]}"`)
    const last = lines.findIndex((line, index) => index >= first && line.startsWith(range[2]!))
    if (last < 0) return missing(`line after it that begins with "${range[2]}"`)
    const end = lines.findIndex((line, index) => index >= last && line === '')
    part = lines.slice(first, end < 0 ? undefined : end).join('\n')
  } else if (rest) {
    throw new Error(`${page}: not understood: include ${file}${rest}`)
  }
  return rewriteLinks(
    part.replace(/<!-- \/?(?:runtimes|clients|faults)\b.*?-->\n?/g, '').trim(),
    file,
  )
}

function code(file: string, rest: string, page: string): string {
  const [understood, start, name = file] = /^(?: from "(.+)")?(?: as (\S+))?$/.exec(rest) ?? []
  if (understood === undefined) throw new Error(`${page}: not understood: code ${file}${rest}`)
  const lines = read(file, page).trimEnd().split('\n')
  const first = start ? lines.findIndex((line) => line.startsWith(start)) : 0
  if (first < 0) throw new Error(`${page}: ${file} has no line that begins with "${start}"`)
  const end = start ? lines.findIndex((line, index) => index >= first && /^[})\]]/.test(line)) : -1
  const shown = lines.slice(first, end < 0 ? undefined : end + 1).join('\n')
  return `\`\`\`${languageOf(file)} [${name}]\n${shown}\n\`\`\``
}

function read(file: string, page: string): string {
  const path = join(root, file)
  if (!existsSync(path)) throw new Error(`${page}: there is no ${file}`)
  return readFileSync(path, 'utf8')
}

/** The language of a block for the file: the highlighter does not know every ending. */
function languageOf(file: string): string {
  const ending = file.split('.').at(-1) ?? ''
  return ending === 'mjs' ? 'js' : ending
}

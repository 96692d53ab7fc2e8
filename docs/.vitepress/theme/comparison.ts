import {
  causesOf,
  type MismatchCause,
} from '../../../packages/iamfetch/src/explain/mismatch-cause.ts'
import { differences } from '../../../packages/iamfetch/src/explain/mismatch.ts'

/** A line of two canonical requests next to each other. */
export interface ComparedLine {
  number: number
  ours: string | undefined
  theirs: string | undefined
  same: boolean
}

/** Two canonical requests, compared. */
export interface Comparison {
  lines: readonly ComparedLine[]
  same: boolean
  /** The parts that differ, by name: `header host`, `path`, `body`. */
  differing: readonly string[]
  causes: readonly MismatchCause[]
}

/**
 * Compares a canonical request with the one that a gateway says it should have been.
 *
 * Lines are matched by what they are, not by their number: a header that is missing on one side is one difference and
 * does not shift the rest.
 *
 * @param pasted  The whole answer of a REST API (JSON or its message), or the canonical request alone.
 * @returns Nothing while nothing was pasted.
 */
export function compare(ours: string, pasted: string): Comparison | undefined {
  const theirs = canonicalIn(pasted)
  if (!theirs) return undefined
  const found = differences(theirs, ours)
  const lines = aligned(ours.split('\n'), theirs.split('\n'))
  const same = lines.every((line) => line.same)
  return {
    lines,
    same,
    differing: found.map(({ line }) => line),
    causes: same ? [] : causesOf(found),
  }
}

/** The canonical request in what was pasted. Terminals and consoles show a line break as `\n`. */
function canonicalIn(pasted: string): string {
  let text = pasted.trim()
  try {
    const { message, Message = message }: Record<string, unknown> = Object(JSON.parse(text))
    if (typeof Message === 'string') text = Message
  } catch {
    // Not the whole answer: the message, or the canonical request alone.
  }
  if (!text.includes('\n')) text = text.replaceAll(String.raw`\n`, '\n')
  text = text.replaceAll('\r\n', '\n')
  const [, quoted] = /should have been\n'([^]*?)'(?:\n|$)/.exec(text) ?? []
  return (quoted ?? text.replace(/^'|'$/g, '')).trimEnd()
}

function aligned(ours: readonly string[], theirs: readonly string[]): ComparedLine[] {
  const names = { ours: ours.map(nameOf), theirs: theirs.map(nameOf) }
  const pairs: [string | undefined, string | undefined][] = []
  let at = 0
  for (const [index, line] of ours.entries()) {
    const match = names.theirs.indexOf(names.ours[index]!, at)
    if (match < 0) pairs.push([line, undefined])
    else {
      for (const extra of theirs.slice(at, match)) pairs.push([undefined, extra])
      pairs.push([line, theirs[match]])
      at = match + 1
    }
  }
  for (const extra of theirs.slice(at)) pairs.push([undefined, extra])
  return pairs.map(([own, other], index) => ({
    number: index + 1,
    ours: own,
    theirs: other,
    same: own === other,
  }))
}

/** Which line it is: one of the three first, a header by its name, the blank line, the list of names, the hash. */
function nameOf(line: string, index: number, all: readonly string[]): string {
  const end = all.indexOf('', 3)
  if (index < 3) return `line ${index + 1}`
  if (end < 0 || index < end) return `header ${line.split(':')[0]}`
  return `after the headers ${index - end}`
}

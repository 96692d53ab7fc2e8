/** A table in Markdown; the first line is its head. */
export function table(lines) {
  const widths = lines[0].map((_, column) =>
    Math.max(3, ...lines.map((line) => String(line[column]).length)),
  )
  const text = (line) => `| ${line.map((cell, i) => String(cell).padEnd(widths[i])).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [text(lines[0]), rule, ...lines.slice(1).map(text)].join('\n')
}

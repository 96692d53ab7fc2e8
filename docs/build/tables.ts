import type { MarkdownRenderer } from 'vitepress'

const ROLES: Record<string, string> = {
  table_open: 'table',
  thead_open: 'rowgroup',
  tbody_open: 'rowgroup',
  tr_open: 'row',
  th_open: 'columnheader',
  td_open: 'cell',
}

/**
 * Writes the header of its column to each cell of a table, as `data-label`. On a narrow screen the style sheet shows a row as
 * a block, and the labels in place of the header. The roles keep it a table for screen readers.
 */
export function labelCells(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('label-cells', ({ tokens }) => {
    let headers: string[] = []
    let column = 0
    for (const [index, token] of tokens.entries()) {
      const role = ROLES[token.type]
      if (role) token.attrSet('role', role)
      if (token.type === 'table_open') headers = []
      if (token.type === 'tr_open') column = 0
      if (token.type === 'th_open') headers.push(tokens[index + 1]?.content ?? '')
      if (token.type === 'td_open') {
        const label = (headers[column] ?? '').replaceAll('`', '')
        if (label && column > 0) token.attrSet('data-label', label)
        column++
      }
    }
  })
}

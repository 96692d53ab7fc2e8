const NAME = 270
const CELL = 92
const LINE = 34
const TOP = 96
const escape = (value) => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** One row a library, one column a measurement; the colour says whether the bar was met, the text says what was measured. */
export function chart({ measurements, rows, passed }) {
  const width = NAME + CELL * (measurements.length + 1) + 20
  const legend = TOP + LINE * rows.length + 28
  const height = legend + 18 * measurements.length + 10
  const text = (x, y, value, more = '') => `<text x="${x}" y="${y}" ${more}>${escape(value)}</text>`
  const middle = (column) => NAME + CELL * column + CELL / 2

  const head = measurements.map(
    ({ id, bar }, column) =>
      text(middle(column), 56, id, 'text-anchor="middle" font-weight="bold"') +
      text(middle(column), 78, bar, 'text-anchor="middle" class="quiet"'),
  )
  const body = rows.map((row, line) => {
    const y = TOP + LINE * line
    const cells = row.cells.map(({ pass, shown }, column) => {
      const measured = pass ? 'met' : 'missed'
      const kind = pass === undefined ? 'none' : measured
      return (
        `<rect x="${NAME + CELL * column + 3}" y="${y + 3}" width="${CELL - 6}" height="${LINE - 6}" rx="4" class="${kind}"/>` +
        text(middle(column), y + 22, shown, 'text-anchor="middle"')
      )
    })
    const name = text(12, y + 22, row.name, row.ours ? 'font-weight="bold"' : '')
    const sum = text(
      middle(measurements.length),
      y + 22,
      passed(row),
      'text-anchor="middle" font-weight="bold"',
    )
    return name + cells.join('') + sum
  })
  const explained = measurements.map(({ id, title, unit, bar }, line) =>
    text(12, legend + 18 * line, `${id}: ${title}; ${unit}, bar ${bar}`, 'class="quiet"'),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">
<style>.ground{fill:#fff}text{fill:#1b2733}.quiet{fill:#5b6b7b;font-size:12px}.met{fill:#b7e4c7}.missed{fill:#f5b7b1}.none{fill:#eceff1}
@media (prefers-color-scheme:dark){.ground{fill:#161b22}text{fill:#e6edf3}.quiet{fill:#9da7b3}.met{fill:#1d4d33}.missed{fill:#6b2a25}.none{fill:#2b333d}}</style>
<rect width="100%" height="100%" rx="8" class="ground"/>
${text(12, 26, 'Token caches: eight measurements against one loopback provider', 'font-size="16" font-weight="bold"')}
${text(12, 78, 'bar', 'class="quiet"')}${text(middle(measurements.length), 56, 'met', 'text-anchor="middle" font-weight="bold"')}
${[...head, ...body, ...explained].join('\n')}
</svg>
`
}

import { median } from './measure.mjs'

const NAME = 170
const BAR = 360
const LINE = 26
const WIDTH = NAME + BAR + 90
const escape = (value) => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Bars of the 1 kB POST with a warm key: Node above, Chromium below. */
export function chart({ node, page }) {
  const parts = []
  let y = 56
  for (const [where, times] of [
    ['Node', node],
    ['Chromium', page],
  ]) {
    const rows = Object.entries(times).map(([name, values]) => [name, median(values)])
    rows.sort((one, other) => one[1] - other[1])
    const most = Math.max(...rows.map(([, value]) => value))
    parts.push(`<text x="12" y="${y}" font-weight="bold">${where}</text>`)
    y += 10
    for (const [name, value] of rows) {
      const others = name.startsWith('the') ? 'floor' : 'peer'
      const kind = name.startsWith('iamfetch') ? 'ours' : others
      const width = Math.max(1, (value / most) * BAR).toFixed(1)
      parts.push(
        `<text x="12" y="${y + 17}">${escape(name)}</text><rect x="${NAME}" y="${y + 3}" width="${width}" height="${LINE - 7}" rx="3" class="${kind}"/><text x="${(NAME + Number(width) + 8).toFixed(1)}" y="${y + 17}" class="quiet">${value.toFixed(1)} µs</text>`,
      )
      y += LINE
    }
    y += 30
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y - 14}" viewBox="0 0 ${WIDTH} ${y - 14}" font-family="system-ui, sans-serif" font-size="13">
<style>.ground{fill:#fff}text{fill:#1b2733}.quiet{fill:#5b6b7b;font-size:12px}.ours{fill:#2f9e63}.peer{fill:#b8c4ce}.floor{fill:#dfe5ea}
@media (prefers-color-scheme:dark){.ground{fill:#161b22}text{fill:#e6edf3}.quiet{fill:#9da7b3}.ours{fill:#3fb97a}.peer{fill:#566270}.floor{fill:#343d48}}</style>
<rect width="100%" height="100%" rx="8" class="ground"/>
<text x="12" y="26" font-size="16" font-weight="bold">One signature of a 1 kB POST, warm key, microseconds</text>
${parts.join('\n')}
</svg>
`
}

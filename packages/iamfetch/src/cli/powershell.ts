/**
 * Removes what PowerShell writes around the output of a command: where an error happened, the name of the command, and colors.
 * Other text stays as it is.
 *
 * Known are Windows PowerShell 5.1 and PowerShell 7, for `Invoke-WebRequest`, `Invoke-RestMethod`, their aliases and `curl.exe`.
 */
export function withoutPowerShell(text: string): string {
  const plain = text.replace(COLORS, '')
  if (!IS_POWERSHELL.test(plain)) return text
  return plain
    .split(/\r?\n/)
    .filter((line) => !NOISE.test(line))
    .map((line) => line.replace(COMMAND, '').replace(GUTTER, ''))
    .join('\n')
    .trim()
}

/** The status in what PowerShell says of a response whose body it does not show. */
export function statusInPowerShell(text: string): number | undefined {
  const [, older, newer] = STATUS.exec(text) ?? []
  const status = Number(older ?? newer)
  return status >= 400 && status <= 599 ? status : undefined
}

const STATUS =
  /The remote server returned an error: \((\d{3})\)|Response status code does not indicate success: (\d{3})\b/

const IS_POWERSHELL =
  /^(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm|curl|wget|curl\.exe) ?:|FullyQualifiedErrorId|^Line \|/m

// oxlint-disable-next-line no-control-regex
const COLORS = /\u001b\[[\d;]*m/g

const COMMAND = /^(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm|curl|wget|curl\.exe) ?: ?/

/** Where it happened, the command again, what underlines it, and the category of the error. */
const NOISE =
  /^(?:At (?:line|.{1,300}):\d+|\s*\+ |Line \||\s*\d+ \| |\s*\|?\s*~+\s*$|\s+\+ (?:CategoryInfo|FullyQualifiedErrorId))/

/** PowerShell 7 draws a line in front of the message. */
const GUTTER = /^\s+\| ?/

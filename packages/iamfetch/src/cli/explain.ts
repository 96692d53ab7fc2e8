import { parseArgs } from 'node:util'
import { serverTimeOf } from '@iamfetch/core'
import { explain, type Explanation } from '../explain.ts'
import { readWithoutStatusLine } from './without-status-line.ts'
import type { Command, Surroundings } from './command.ts'
import { givenUrl } from './given-url.ts'
import { readInput } from './input.ts'
import { hasStatusLine, readPasted } from './pasted.ts'
import { withoutPowerShell } from './powershell.ts'
import { printable } from './printable.ts'
import { textOf } from './text.ts'

/** `explain`: why a pasted response was refused, and what to change. */
export const explainCommand: Command = {
  summary: 'says why a response that you paste was refused, and what to do',
  help: `explain [file] [--url <url>] [--method <method>]
    [--role <name or ARN>] [--json]

Reads a response as curl -i prints it (status line, headers, empty line, body)
from the file, or from stdin. In the output of curl -v (with 2>&1) it also reads
the request, and explains more. Without curl: the body of the response, what the
browser's console says about CORS (Chrome, Firefox, Safari), or what PowerShell
prints, in UTF-8 or UTF-16.

  --url <url>        The URL of the call: shows a Lambda function URL.
  -X, --method <method>
                     The method. Default: GET. --request is the same.
  --role <role>      The role that should have called.
  --json             Prints the explanation as JSON: code, message, remedy,
                     responsible, rule, api, …

Nothing is sent. Tokens in the text are not printed.
Exit codes: 0 explained, 2 the input is not a response or the
command is wrong.`,
  async run(args, surroundings) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        method: { type: 'string', short: 'X' },
        request: { type: 'string' },
        role: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const input = textOf(await readInput(positionals[0], 'the response'))
    const text = withoutPowerShell(input)
    const { json } = values
    const show = (status: number | undefined, explanation: Explanation): void =>
      surroundings.print(
        printable(
          json
            ? JSON.stringify({ status, ...explanation })
            : report(status, explanation, surroundings),
        ),
      )
    const incomplete = hasStatusLine(text) ? undefined : readWithoutStatusLine(text)
    if (incomplete) {
      const { answer, assumed } = incomplete
      surroundings.note(assumed)
      const { role } = values
      if (!(answer instanceof Response)) show(undefined, await explain(answer, { role }))
      else {
        const url = values.url === undefined ? undefined : givenUrl(values.url)
        show(answer.status, await explain(named(answer, url), { role }))
      }
      return 0
    }
    const { response, request } = readPasted(text, values.url, values.method ?? values.request)
    const { status } = response
    // Without what was signed a request says nothing about its signature.
    const signed = request?.headers.has('authorization') ? request : undefined
    const explanation = await explain(named(response, request?.url), {
      request: signed,
      role: values.role,
      // A pasted response is older than now: its own Date counts, if it has one.
      clock: { now: () => serverTimeOf(response.headers) || Date.now() },
    })
    show(status, explanation)
    return 0
  },
}

/** A response that knows where it came from, as those of `fetch` do. */
const named = (response: Response, url: string | undefined): Response =>
  url === undefined ? response : Object.defineProperty(response, 'url', { value: url })

function report(
  status: number | undefined,
  explanation: Explanation,
  { paint }: Surroundings,
): string {
  const list = (title: string, items: readonly string[]): string[] =>
    items.length > 0
      ? [`${paint('bold', title)}\n${items.map((item) => `  - ${item}`).join('\n')}`]
      : []
  const differences = (explanation.differences ?? []).map(
    ({ line, gateway, ours }) => `${line}: the gateway saw ${gateway}, signed was ${ours}`,
  )
  return [
    `${paint('bold', [status, explanation.code].filter(Boolean).join(' '))}\n  ${explanation.message}`,
    ...(explanation.rule ? [`${paint('bold', 'Refused by')}\n  ${explanation.rule}`] : []),
    `${paint('bold', 'Where to look')}\n  ${WHERE[explanation.responsible]}`,
    ...list('What differs', differences),
    ...list('What to do', explanation.remedy),
    ...(explanation.settings ?? []).map(
      ({ where, text }) => `${paint('bold', where)}\n${text.replace(/^/gm, '  ')}`,
    ),
    ...list('Ruled out', explanation.ruledOut),
    ...list(
      'Suspects',
      // The local stack reports the reason itself, so there is nothing to suspect.
      explanation.refusal?.localReason === undefined
        ? explanation.suspects.filter((suspect) => !explanation.remedy.includes(suspect))
        : [],
    ),
  ].join('\n\n')
}

const WHERE: Readonly<Record<Explanation['responsible'], string>> = {
  device: 'the clock of the device that signed',
  session: 'the credentials: their age, their role',
  caller: 'the code that made the request',
  proxy: 'a proxy between the caller and the API',
  policy: 'the IAM policy of the role',
  api: 'the API and what is behind it',
  network: 'the network',
  unknown: 'the response does not say',
}

import { parseArgs } from 'node:util'
import { bearerOf, span, type Bearer } from './bearer.ts'
import { CommandError, type Command, type Surroundings } from './command.ts'
import { readInput } from './input.ts'
import { printable } from './printable.ts'
import { readToken } from './token.ts'

/** `whoami`: whose a token is, which role it will get, what is wrong with it. */
export const whoamiCommand: Command = {
  summary: 'says whose a token is, which role it gets, and what is wrong with it',
  help: `whoami [token] [--env <name>] [--json]

Reads a JSON Web Token: an ID token or an access token of Cognito, or another
issuer's. From the argument, from the environment variable that --env names
(IAMFETCH_TOKEN, if it is set), or from stdin (-). An argument stays in the
history of the shell; the others do not.

  --env <name>  Reads the token from this environment variable.
  --json        Prints kind, who, groups, roles, role, scopes, expiresAt, wrong,
                … as JSON.

The token is not printed, not sent and NOT verified: anybody can write a token
that says anything.
Exit codes: 0 nothing is wrong with it, 2 the input is not a token or the
command is wrong, 3 something is wrong.`,
  async run(args, surroundings) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { env: { type: 'string' }, json: { type: 'boolean', default: false } },
    })
    const token = readToken(await textOf(positionals[0], values.env, surroundings))
    const now = Date.now()
    const bearer = bearerOf(token, now)
    surroundings.print(
      printable(
        values.json
          ? JSON.stringify({ ...bearer, verified: false })
          : report(bearer, now, surroundings),
      ),
    )
    return bearer.wrong.length > 0 ? 3 : 0
  },
}

async function textOf(
  argument: string | undefined,
  name: string | undefined,
  { env }: Surroundings,
): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument
  if (name !== undefined) {
    const value = env[name]
    // Anything but a name may be the token itself; it is not repeated.
    const shown = /^\w+$/.test(name) ? ` ${name}` : ''
    if (!value) throw new CommandError(`The environment variable${shown} is not set.`)
    return value
  }
  if (argument === undefined && env.IAMFETCH_TOKEN) return env.IAMFETCH_TOKEN
  return (await readInput('-', 'the token')).toString()
}

function report(bearer: Bearer, now: number, { paint }: Surroundings): string {
  const { kind, who, subject, email, groups, roles, role, scopes, client, issuer } = bearer
  const rows: [string, string][] = [
    [kind, [who, email].filter(Boolean).join(', ')],
    ['subject', subject === who ? '' : subject],
    ['groups', groups.join(', ')],
    ['roles', roles.join('\n')],
    ['scopes', scopes.join(' ')],
    ['app client', client],
    ['issuer', issuer],
  ]
  const { issuedAt, expiresAt } = bearer
  if (issuedAt) rows.push(['issued', `${issuedAt.toISOString()}, ${apart(+issuedAt - now)}`])
  if (expiresAt) rows.push(['expires', `${expiresAt.toISOString()}, ${apart(+expiresAt - now)}`])
  if (role) {
    const sure = role.certainty === 'claims' ? '' : ' (the identity pool decides)'
    rows.push(['role', `${role.role ?? role.outcome}${sure}\n${role.reason}`])
  }
  const width = Math.max(...rows.map(([label]) => label.length)) + 2
  const lines = rows
    .filter(([, value]) => value !== '')
    .map(([label, value]) => {
      const [first = '', ...more] = value.split('\n')
      const rest = more.map((line) => `\n${' '.repeat(width)}${line}`).join('')
      return `${paint('bold', label.padEnd(width))}${first}${rest}`
    })
  const problemLines = bearer.wrong.map(
    (problem) => `${paint('red', 'wrong'.padEnd(width))}${problem}`,
  )
  return [
    ...lines,
    ...problemLines,
    paint('dim', 'Not verified: this is what the token says.'),
  ].join('\n')
}

const apart = (ms: number): string => (ms < 0 ? `${span(ms)} ago` : `in ${span(ms)}`)

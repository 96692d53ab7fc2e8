import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { rolePermissions, type PolicyDocument } from '@iamfetch/policy'
import { CommandError } from '../terminal/command-error.ts'
import { loadDefinition } from '../terminal/load.ts'
import { permissionTable, type PermissionTable } from './permission-table.ts'
import { isCurrent, tableText, writeIfChanged } from './table-file.ts'

export const HELP = `iamfetch-local permissions <definition> [--out <file>] [--check]
iamfetch-local permissions --policy <role>=<file> … --route <route> …
    --api <arn> [--out <file>] [--check]

Writes what each role may do with each route, for createPermissions of
iamfetch/permissions: allow, deny or depends, with the statement that decides.
It is a hint for pages; IAM decides when a call is made.

  definition    The file that iamfetch-local runs.
  --policy <role>=<file>
                Instead of a definition: a role and the file with its IAM policy
                as JSON; may be given again, also for the same role.
  --route <route>
                With --policy: a route such as "GET /notes/{id}"; may be given
                again.
  --api <arn>   With --policy: the API and its stage, such as
                arn:aws:execute-api:eu-central-1:123456789012:abc123/prod
  --out <file>  Writes to a file instead of stdout.
  --check       Writes nothing, and ends with 1 if the file is out of date.
  --help        Prints this.
`

/** Runs `iamfetch-local permissions`. @returns The exit code. */
export async function permissionsCommand(args: string[]): Promise<number> {
  const { values, positionals } = read(args)
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [file, ...more] = positionals
  if (more.length > 0) throw new CommandError('Give one definition.', 2)
  if (file !== undefined && values.policy.length > 0) {
    throw new CommandError('Give either a definition or --policy.', 2)
  }
  if (file === undefined && values.policy.length === 0) {
    throw new CommandError(
      'Give a definition, or --policy, --route and --api. --help explains both.',
      2,
    )
  }
  const table =
    file === undefined
      ? fromPolicies(values)
      : permissionTable(await loadDefinition(resolve(file), () => {}))
  return write(tableText(table), values)
}

function write(text: string, { out, check }: { out?: string | undefined; check: boolean }): number {
  if (out === undefined) {
    if (check) throw new CommandError('--check needs --out.', 2)
    process.stdout.write(text)
    return 0
  }
  const name = relative('.', out)
  if (!check) {
    const isWritten = writeIfChanged(out, text)
    process.stderr.write(`${name} ${isWritten ? 'is written' : 'is up to date'}.\n`)
    return 0
  }
  if (isCurrent(out, text)) return 0
  process.stderr.write(`${name} is out of date. Run the command without --check.\n`)
  return 1
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        policy: { type: 'string', multiple: true, default: [] },
        route: { type: 'string', multiple: true, default: [] },
        api: { type: 'string' },
        out: { type: 'string' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    const [firstSentence] = String(error instanceof Error ? error.message : error).split('. ')
    throw new CommandError(`${firstSentence}. --help lists what there is.`, 2)
  }
}

/** A table without groups: the page finds the role by the end of its ARN. */
function fromPolicies({
  policy,
  route,
  api,
}: {
  policy: string[]
  route: string[]
  api?: string | undefined
}): PermissionTable {
  if (route.length === 0) throw new CommandError('Give the routes: --route "GET /notes".', 2)
  if (api === undefined || !API_ARN.test(api)) {
    throw new CommandError(
      `Give the ARN of the API with its stage: --api arn:aws:execute-api:eu-central-1:123456789012:abc123/prod${api === undefined ? '' : `, not ${api}`}`,
      2,
    )
  }
  const roles: Record<string, PolicyDocument[]> = {}
  for (const statement of policy) {
    const [name = '', file] = statement.split(/=(.*)/s)
    if (!name || !file) throw new CommandError(`Write --policy <role>=<file>, not ${statement}.`, 2)
    ;(roles[name] ??= []).push(policyIn(file))
  }
  const routes = Object.fromEntries(
    route.map((name) => {
      const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(name) ?? []
      if (!method) throw new CommandError(`Write a route as "GET /notes/{id}", not "${name}".`, 2)
      return [name, `${api}/${method}${path}`]
    }),
  )
  return {
    version: 1,
    groups: [],
    alwaysDefaultRole: false,
    roles: rolePermissions({ roles, routes }),
  }
}

const API_ARN = /^arn:[\w-]+:execute-api:[\w-]+:\d{12}:[a-z0-9]+\/[\w$-]+$/

function policyIn(file: string): PolicyDocument {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new CommandError(`${file} is not a file with JSON.`, 1, { cause })
  }
}

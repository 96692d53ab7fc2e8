import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { checkListenAddress, isHostName } from './http/host.ts'
import { CommandError } from './terminal/command-error.ts'
import { printError, run } from './terminal/run.ts'

const HELP = `iamfetch-local [definition | template] [--stack <name>]
    [--parameter <name=value>] [--port <n>] [--host <address>]
    [--allow-host <name>] [--json] [--quiet] [--no-reload]

Runs Cognito, IAM, API Gateway and Secrets Manager on 127.0.0.1 until Ctrl-C.

  definition    A file whose default export is made with defineStack: .mjs or
                .js, and .ts on Node 22.18 or later. Without it a sample runs:
                group FullAccess may GET and POST, group ReadOnlyAccess only
                GET. When it changes, or what it imports, the stack starts again
                with the same ports, passwords, keys and sessions; one that is
                wrong prints its error, and the stack goes on as it was.
  template      A template of CloudFormation or SAM (.yaml, .json), or a folder:
                cdk.out, or one with a template.yaml. What of it is not run is
                printed. Each group gets a user if the template has none.
  --stack <name>
                The stack of cdk.out, if it has several.
  --parameter <name=value>
                A parameter of the template; may be given again.
  --port <n>    Cognito listens at n, the APIs at n+1, n+2, … Without it, free
                ports are taken.
  --allow-host <name>
                A host name that the stack answers to in addition to localhost
                and addresses, such as host.docker.internal; may be repeated.
                Other host names are refused.
  --host <address>
                The one address that it listens at; without it 127.0.0.1
                and [::1]. In a container 0.0.0.0, which needs --allow-host:
                everything that reaches the ports can then sign in and call
                the APIs.
  --json        Prints { config, users, appClients, roles, admin, apiKeys } as
                one line of JSON at each start, passwords, client secrets and
                keys included.
  --quiet       Does not print requests. Without it each request is one line on
                stderr, with the true reason if it was refused.
  --no-reload   Starts once and stays.
  --version     Prints the version.
  --help        Prints this.

iamfetch-local permissions <definition> writes what each role may do;
iamfetch-local openapi <definition> writes the routes as OpenAPI 3.1.
--help after "permissions" or "openapi" explains more.

The commands explain, whoami and sign are in the package iamfetch, for example:
npx iamfetch sign --user alice GET /test

Exit codes: 0 ended by Ctrl-C or SIGTERM, 1 it could not start or run, 2 the
command is wrong.
`

/** Commands that were part of this program once and that people may still type. */
const COMMANDS_OF_IAMFETCH: readonly string[] = ['explain', 'whoami', 'sign']

async function main(args: string[]): Promise<number> {
  const [command = ''] = args
  if (COMMANDS_OF_IAMFETCH.includes(command)) {
    throw new CommandError(
      `"${command}" is a command of the package iamfetch. Run: npx iamfetch ${command}`,
      2,
    )
  }
  if (command === 'permissions') {
    const { permissionsCommand } = await import('./permissions/command.ts')
    return permissionsCommand(args.slice(1))
  }
  if (command === 'openapi') {
    const { openApiCommand } = await import('./openapi/command.ts')
    return openApiCommand(args.slice(1))
  }
  const { values, positionals } = read(args)
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (values.version) {
    process.stdout.write(`${versionOf()}\n`)
    return 0
  }
  const [file, ...more] = positionals
  if (more.length > 0) throw new CommandError('Give one definition at most.', 2)
  await run({
    file: file === undefined ? undefined : resolve(file),
    template: { stack: values.stack, parameters: parametersFrom(values.parameter) },
    port: portFrom(values.port),
    allowedHosts: hostsFrom(values['allow-host']),
    host: hostFrom(values.host, values['allow-host']),
    json: values.json,
    quiet: values.quiet,
    reload: !values['no-reload'],
  })
  return 0
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        stack: { type: 'string' },
        parameter: { type: 'string', multiple: true, default: [] },
        host: { type: 'string' },
        'allow-host': { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        quiet: { type: 'boolean', short: 'q', default: false },
        version: { type: 'boolean', short: 'v', default: false },
        'no-reload': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    const [firstSentence] = String(error instanceof Error ? error.message : error).split('. ')
    throw new CommandError(`${firstSentence}. --help lists what there is.`, 2)
  }
}

function versionOf(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version }: { version: string } = JSON.parse(text)
  return version
}

function portFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port
  throw new CommandError(`--port ${text} is not a port.`, 2)
}

/** An address that other machines reach needs the names that they use: nothing else distinguishes them from a page of another site. */
function hostFrom(host: string | undefined, allowedHosts: readonly string[]): string | undefined {
  if (host === undefined) return undefined
  try {
    checkListenAddress(host, allowedHosts)
  } catch {
    throw new CommandError(
      isIP(host) === 0
        ? `--host must be an IP address, got "${host}".`
        : `--host ${host} can be reached by other machines. Add --allow-host with each name that the stack is called by.`,
      2,
    )
  }
  return host
}

function parametersFrom(texts: string[]): Record<string, string> {
  const pairs = texts.map((text): [string, string] => {
    const equals = text.indexOf('=')
    if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)]
    throw new CommandError(`--parameter must have the form Stage=dev, got "${text}".`, 2)
  })
  return Object.fromEntries(pairs)
}

function hostsFrom(names: string[]): string[] {
  const invalid = names.find((name) => !isHostName(name))
  if (invalid === undefined) return names
  throw new CommandError(`--allow-host ${invalid} is not a host name. Write it without a port.`, 2)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  printError(error)
  process.exitCode = error instanceof CommandError ? error.exitCode : 1
}

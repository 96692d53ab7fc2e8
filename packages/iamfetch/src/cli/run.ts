import { checkOptions, IamFetchError } from '@iamfetch/core'
import { CommandError, type Command, type Surroundings } from './command.ts'
import { explainCommand } from './explain.ts'
import { mcpCommand } from './mcp.ts'
import { paintFor } from './paint.ts'
import { printable } from './printable.ts'
import { signCommand } from './sign.ts'
import { whoamiCommand } from './whoami.ts'

/** How the commands are run. */
export interface RunOptions {
  /** The name under which the program was started, for messages. @default 'iamfetch' */
  name?: string
  /** What `--version` prints. Defaults to none: the command then has no `--version`. */
  version?: string
}

const COMMANDS: Readonly<Record<string, Command>> = {
  explain: explainCommand,
  whoami: whoamiCommand,
  sign: signCommand,
  mcp: mcpCommand,
}

/**
 * Runs one command line: reads stdin where it has to, writes to stdout and stderr, never ends the process.
 *
 * @param args  Without the program: `['whoami', '--json']`.
 * @returns The exit code: 0 done, 1 failed, 2 the command or its input is wrong, 3 (`whoami`) something is wrong with the token.
 */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<number> {
  checkOptions('run', options, { name: 'string', version: 'string' })
  const { env } = process
  const { name = 'iamfetch', version } = options
  const [commandName, ...rest] = args
  const surroundings: Surroundings = {
    name,
    env,
    paint: paintFor(process.stdout, env),
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
  }
  const list = Object.entries(COMMANDS).map(([key, { summary }]) => `  ${key.padEnd(10)}${summary}`)
  const help = `${name} <command>\n\n${list.join('\n')}\n\n--help after a command says more about it.`
  if (
    commandName === undefined ||
    commandName === '--help' ||
    commandName === '-h' ||
    commandName === 'help'
  ) {
    surroundings.print(help)
    return commandName === undefined ? 2 : 0
  }
  if (version !== undefined && (commandName === '--version' || commandName === '-v')) {
    surroundings.print(version)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, commandName) ? COMMANDS[commandName] : undefined
  try {
    if (!command) {
      // Anything but a word may be a token that was passed without a command; it is not repeated.
      const shown = /^-*\w+$/.test(commandName) ? ` ${commandName}` : ' of that name'
      throw new CommandError(`There is no command${shown}. --help lists them.`)
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      surroundings.print(`${name} ${command.help}`)
      return 0
    }
    return await command.run(rest, surroundings)
  } catch (error) {
    const paint = paintFor(process.stderr, env)
    surroundings.note(`${paint('red', name)}: ${printable(wordsOf(error))}`)
    if (error instanceof CommandError) return error.exitCode
    return isWrongOption(error) || isWrongInput(error) ? 2 : 1
  }
}

const isWrongOption = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('ERR_PARSE_ARGS')

/** What the command line can be wrong about, in addition to its options. */
const WRONG_INPUT = [
  'INVALID_OPTION',
  'URL_NOT_SIGNABLE',
  'HEADER_NOT_SIGNABLE',
  'BODY_NOT_ALLOWED',
  'BODY_TOO_LARGE',
  'REGION_UNKNOWN',
]

const isWrongInput = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  WRONG_INPUT.includes(error.code)

/** The options of the functions that a command calls, by what they are called here. */
const OPTION_NAMES: Readonly<Record<string, string>> = {
  '"region"': '--region',
  '"service"': '--service',
  '"identityPoolId"': '--identity-pool',
}

/** A message about an option of a function, as one about an option of the command. */
const asCommand = (message: string): string =>
  message
    .replace(/^\w+: /, '')
    .replace(/"(?:region|service|identityPoolId)"/g, (name) => OPTION_NAMES[name] ?? name)

function wordsOf(error: unknown): string {
  if (error instanceof IamFetchError) {
    return [error.message, error.remedy].map(asCommand).join('\n')
  }
  if (!(error instanceof Error)) return String(error)
  if (isWrongInput(error)) return `${asCommand(error.message)}.`
  // What parseArgs says of a wrong option, without its lesson in quoting.
  return isWrongOption(error)
    ? error.message.replace(/\. To specify .*/s, '. --help lists what there is.')
    : error.message
}

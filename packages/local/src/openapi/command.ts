import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { tableText, writeIfChanged } from '../permissions/table-file.ts'
import { CommandError } from '../terminal/command-error.ts'
import { loadDefinition } from '../terminal/load.ts'
import { openApiDocument } from './openapi-document.ts'

const HELP = `iamfetch-local openapi <definition> [--api <name>] [--url <url>] [--title <text>]
    [--version-of-api <text>] [--out <file>]

Writes the routes of an API as OpenAPI 3.1, for openapi-fetch and generators.

  definition    The file that iamfetch-local runs.
  --api <name>  The API of the definition, if it has several.
  --url <url>   The URL of the API with its stage.
  --title, --version-of-api
                The title and the version in the document.
  --out <file>  Writes to a file instead of stdout.
  --help        Prints this.
`

/** Runs `iamfetch-local openapi`. @returns The exit code. */
export async function openApiCommand(args: string[]): Promise<number> {
  const { values, positionals } = read(args)
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new CommandError('Give one definition.', 2)
  const { api, url, title, out } = values
  const definition = await loadDefinition(resolve(file), () => {})
  const document = openApiDocument(definition, {
    api,
    url,
    title,
    version: values['version-of-api'],
  })
  if (out === undefined) {
    process.stdout.write(tableText(document))
    return 0
  }
  const isWritten = writeIfChanged(out, tableText(document))
  process.stderr.write(`${relative('.', out)} ${isWritten ? 'is written' : 'is up to date'}.\n`)
  return 0
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        api: { type: 'string' },
        url: { type: 'string' },
        title: { type: 'string' },
        'version-of-api': { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    const [firstSentence] = String(error instanceof Error ? error.message : error).split('. ')
    throw new CommandError(`${firstSentence}. --help lists what there is.`, 2)
  }
}

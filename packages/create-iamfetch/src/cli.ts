import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { createProject, versionOf } from './create.ts'

const HELP = `npm create iamfetch@latest [folder]

Makes a project in a new folder (iamfetch-app, if you name none): a React page
where users sign in and call an API that IAM guards, a definition of that API
which runs on your machine, and tests. Asks nothing, installs nothing, needs no
network and no AWS account.

  --version  Prints the version.
  --help     Prints this.

The project needs Node 22.18 or later.
Exit codes: 0 made, 1 not made because of the folder or an older Node, 2 the
command is wrong.
`

function main(): number {
  let folder: string
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    })
    if (values.help) {
      process.stdout.write(HELP)
      return 0
    }
    if (values.version) {
      process.stdout.write(`${versionOf()}\n`)
      return 0
    }
    if (positionals.length > 1) throw new Error('Give one folder at most')
    folder = positionals[0] ?? 'iamfetch-app'
  } catch (error) {
    const [firstSentence] = String(error instanceof Error ? error.message : error).split('. ')
    process.stderr.write(`create-iamfetch: ${firstSentence}. --help says more.\n`)
    return 2
  }
  try {
    const project = createProject(folder)
    process.stdout.write(nextSteps(relative('.', project.folder) || '.'))
    return 0
  } catch (error) {
    process.stderr.write(
      `create-iamfetch: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    return 1
  }
}

function nextSteps(folder: string): string {
  const [tool = 'npm'] = (process.env.npm_config_user_agent ?? 'npm').split('/')
  const shown = /^[\w@%+=:,./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`
  return `
Made ${folder === '.' ? 'the project' : folder}. Next:

${folder === '.' ? '' : `  cd ${shown}\n`}  ${tool} install
  ${tool} test         # who may call what, against the local stack
  ${tool} run dev      # the page, the stack and the users' passwords
  npx cdk deploy   # all of it on AWS
`
}

process.exitCode = main()

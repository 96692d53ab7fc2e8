// Entry of `npm test` and of every `npm run …`: works on a clean clone, needs Node and npm alone.
import { dirname, join, delimiter, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commands } from './commands.mjs'
import { ensureInstalled } from './install.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
process.chdir(root)
process.env.PATH = join(root, 'node_modules/.bin') + delimiter + process.env.PATH

const [name = 'help', ...args] = process.argv.slice(2)
if (name === 'help') {
  console.log(usage())
  process.exit()
}
if (!Object.hasOwn(commands, name)) {
  console.error(`There is no command ${name}.\n\n${usage()}`)
  process.exit(2)
}
try {
  ensureInstalled()
  await commands[name].run(args)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

function usage() {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length))
  const lines = Object.entries(commands).map(
    ([command, { says }]) => `  npm run ${command.padEnd(width)}  ${says}`,
  )
  return `What is there to run; arguments go behind --\n\n${lines.join('\n')}`
}

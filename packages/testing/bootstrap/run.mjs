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
  const lines = Object.entries(commands).map(([command, { says, chapter }]) => {
    const line = `  npm run ${command.padEnd(width)}  ${wrapped(says, width + 12)}`
    return chapter ? `\n${chapter}\n${line}` : line
  })
  return `What is there to run; arguments go behind --\n${lines.join('\n')}`
}

/** Breaks a text where the terminal is too narrow for it, and begins each further line at a column. */
function wrapped(text, column) {
  const room = Math.max((process.stdout.columns ?? Infinity) - column, 20)
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line && line.length + word.length >= room) lines.push(word)
    else lines[lines.length - 1] = line ? `${line} ${word}` : word
  }
  return lines.join(`\n${' '.repeat(column)}`)
}

// What `bin` of a package points at. Every Node can load it, also one that is too old for the program: that one gets a sentence
// and exit code 1, not the stack trace of a syntax error.

/**
 * Returns the files that start a program: the check of the version, and the import of the program. They are two, because Node 8
 * cannot read a file with an `import()` in it, whether it is reached or not.
 *
 * @param name    The name of the command.
 * @param needed  The oldest Node that runs it: `20` or `22.18`.
 * @param file    The path of the program in `dist`, without `.js`.
 * @returns Pairs of a file name and its text.
 */
export const programFiles = ({ name, needed, file }) => {
  const base = file.split('/').at(-1)
  return [
    [`${file}.cjs`, checkText({ name, needed, start: `./${base}-start.cjs` })],
    [`${file}-start.cjs`, `import('./${base}.js')\n`],
  ]
}

/** In the JavaScript of 2009, for the oldest Nodes. */
const checkText = ({ name, needed, start }) => `#!/usr/bin/env node
var needed = '${needed}'.split('.')
var major = Number(process.versions.node.split('.')[0])
var minor = Number(process.versions.node.split('.')[1])
if (major > Number(needed[0]) || (major === Number(needed[0]) && minor >= Number(needed[1] || 0))) {
  require('${start}')
} else {
  console.error(
    '${name} needs Node ${needed} or later, and this is Node ' + process.versions.node + '. ' +
    'Install a newer Node from https://nodejs.org, then run the command again.'
  )
  process.exitCode = 1
}
`

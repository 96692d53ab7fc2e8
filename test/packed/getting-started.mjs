import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withIncludes } from '../../docs/build/included.ts'
import { run } from './process.mjs'
import { overridesFor } from './project.mjs'
import { result, step } from './report.mjs'

const PAGE = 'docs/pages/getting-started.md'

/** Follows the page Getting started in an empty folder: its commands, its files, nothing else. */
export function followGettingStarted({ path: node, name }, { folder, packages, root }) {
  step(`Getting started, followed on ${name}`)
  const page = withIncludes(readFileSync(join(root, PAGE), 'utf8'), PAGE)
  // What comes after is for an app and for AWS.
  const [guide] = page.split('\n## 5. ')
  const start = join(folder, `getting-started-${name}`)
  mkdirSync(start, { recursive: true })
  let cwd = start
  let output = ''
  for (const { language, file, text } of blocksOf(guide)) {
    if (file) writeFileSync(join(cwd, file), `${text}\n`)
    if (language === 'text') {
      const missing = missingParts(text, output)
      result(missing.length === 0, 'prints what the page shows', `${output}\n\nmissing: ${missing}`)
    }
    if (language !== 'sh') continue
    for (const line of text.split('\n')) {
      const command = fromPackages(line, packages)
      if (command !== line) overrideOwn(cwd, packages, line)
      const done = run('sh', ['-c', `${command} && pwd`], { cwd, node })
      result(done.fine, line, done.all)
      if (!done.fine) return
      output = done.out
      cwd = output.trimEnd().split('\n').at(-1)
    }
  }
  // The last sentence of the page: with the permission, bob may write.
  const stack = join(cwd, 'stack.mjs')
  const widened = readFileSync(stack, 'utf8').replace(
    /(Readers: .*)'GET\/notes'/,
    "$1'GET/notes', 'POST/notes'",
  )
  writeFileSync(stack, widened)
  const again = run('node', ['call.mjs'], { cwd, node })
  result(again.out.includes('bob POST 201'), 'with the permission, bob gets 201', again.all)
}

/** The code blocks of a text in their order. */
function blocksOf(text) {
  const found = text.matchAll(/^```(\w+)(?: \[(\S+)\])?\n([^]*?)\n```$/gm)
  return [...found].map(([, language, file, code]) => ({ language, file, text: code }))
}

/** Nothing is published yet: an installation takes the tarballs. */
const fromPackages = (line, packages) =>
  line.startsWith('npm install ')
    ? line.replaceAll(/(?<= )(@?iamfetch[\w/-]*)(?= |$)/g, (name) => packages.get(name).tarball)
    : line

/** What the tarballs depend on comes from tarballs, too. npm rejects an override of a direct dependency. */
function overrideOwn(folder, packages, line) {
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  const named = line.split(' ').map((name) => [name, ''])
  const direct = { ...manifest.dependencies, ...Object.fromEntries(named) }
  const overrides = overridesFor(packages, direct)
  writeFileSync(path, JSON.stringify({ ...manifest, overrides }, null, 2))
}

/** The parts of a shown output that the real one does not have, in this order. `[…]` stands for any text. */
function missingParts(shown, output) {
  let rest = output
  return shown
    .split('[…]')
    .map((part) => part.trim())
    .filter((part) => {
      const at = rest.indexOf(part)
      rest = at < 0 ? rest : rest.slice(at + part.length)
      return at < 0
    })
}

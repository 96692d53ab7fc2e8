// `npm run dev`: the local stack and the page, until Ctrl-C. Both start again by themselves when files change.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const STACK_PORT = process.env.STACK_PORT ?? '9400'
const PAGE_PORT = process.env.PORT ?? '5173'

const require = createRequire(import.meta.url)
const binOf = (name, file) => join(dirname(require.resolve(`${name}/package.json`)), file)
const start = (path, ...args) =>
  spawn(process.execPath, [path, ...args], {
    stdio: 'inherit',
    env: { ...process.env, STACK_PORT },
  })

const children = [
  start(binOf('@iamfetch/local', 'dist/cli.js'), 'stack.ts', '--port', STACK_PORT),
  start(binOf('vite', 'bin/vite.js'), '--port', PAGE_PORT, '--strictPort', '--clearScreen=false'),
]
// One without the other is of no use.
for (const child of children) {
  child.on('exit', (code) => {
    process.exitCode ||= code ?? 0
    for (const other of children) if (other !== child) other.kill('SIGTERM')
  })
}
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) child.kill('SIGTERM')
  })
}

// `npm run dev`: the local stack and the page, until Ctrl-C. Both start again by themselves when files change.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { freePorts } from './free-ports.mjs'

let ports
try {
  ports = {
    // Cognito, and one for each API.
    stack: await freePorts({
      wanted: process.env.STACK_PORT,
      standard: 9400,
      count: 5,
      name: 'STACK_PORT',
    }),
    page: await freePorts({ wanted: process.env.PORT, standard: 5173, count: 1, name: 'PORT' }),
  }
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
const STACK_PORT = String(ports.stack)
const PAGE_PORT = String(ports.page)

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

import { createFaults } from '@iamfetch/local'
import { localStackControls } from '@iamfetch/local/vite'
import { createServer, mergeConfig } from 'vite'
import access from './access.ts'
import { startWithPortal } from './portal/start.ts'
import { configJson } from './serve.ts'
import base from './vite.config.ts'

const faults = createFaults()
const stack = await startWithPortal({ faults })
const server = await createServer(
  mergeConfig(base, {
    configFile: false,
    logLevel: 'warn',
    plugins: [configJson(stack), localStackControls({ faults, definition: access })],
    server: { host: '127.0.0.1', port: Number(process.env.PORT ?? 5173) },
  }),
)
await server.listen()

const users = Object.values(stack.users)
const width = Math.max(...users.map(({ username }) => username.length))
console.log(`
  Group access is running, without an AWS account.

  Page       ${server.resolvedUrls?.local[0] ?? ''}
  API        ${stack.config.apis.test.url}
  Portal     ${stack.config.apis.portal.url}

  Sign in as
${users.map(({ username, password }) => `    ${username.padEnd(width)}  ${password}`).join('\n')}

  alice may GET and POST, bob may only GET. Try POST as bob: the page explains
  the refusal. Under “API keys” each user creates keys for scripts. Passwords are
  new at every start, and keys are lost at the end. Amplify warns about a custom
  endpoint in the browser's console; that is expected. Ctrl+C stops it.
`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([server.close(), stack.stop()]).then(() => process.exit(0))
  })
}

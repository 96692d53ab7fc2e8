import { createServer, mergeConfig } from 'vite'
import { configJson, startMcp } from './start.ts'
import base from './vite.config.ts'

const stack = await startMcp()
const server = await createServer(
  mergeConfig(base, {
    configFile: false,
    logLevel: 'warn',
    plugins: [configJson(stack)],
    server: { host: '127.0.0.1', port: Number(process.env.PORT ?? 5174) },
  }),
)
await server.listen()

const { alice, bob } = stack.users
const { clientId } = stack.appClients.reporter
const url = stack.config.apis.tools.url
console.log(`
  An MCP server behind IAM is running, without an AWS account.

  Page       ${server.resolvedUrls?.local[0] ?? ''}
  Server     ${url}/mcp

  Sign in as
    alice  ${alice.password}   her group may call the server: list its tools, and press one
    bob    ${bob.password}   IAM refuses his agent, and the page says which statement is missing

  A service calls ${url}/service/mcp with a machine token of the app client
  ${clientId}: see service.ts. A desktop client uses npx iamfetch mcp URL: see the docs page about agents.

  Passwords are new at every start. Amplify warns about a custom endpoint in the browser's console; that is
  expected. Ctrl+C stops it.
`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([server.close(), stack.stop()]).then(() => process.exit(0))
  })
}

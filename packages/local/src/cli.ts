#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { StackDefinition } from './definition.ts'
import { sample } from './sample.ts'
import { startLocalStack, type LocalStack, type StartOptions } from './stack.ts'

const HELP = `iamfetch-local [definition]

Runs Cognito, IAM, API Gateway and Secrets Manager on 127.0.0.1 until Ctrl-C.

  definition    A file whose default export is made with defineStack: .mjs or .js, and .ts on
                Node 22.18 or later. Left out, a sample runs: group FullAccess may GET and POST,
                group ReadOnlyAccess only GET.
  --port <n>    Cognito listens at n, the APIs at n+1, n+2, … Left out, free ports are taken.
  --json        Prints { config, users, appClients, roles, admin } as one line of JSON, passwords,
                client secrets and access keys included.
  --help        Prints this.
`

/** Something that the person at the terminal can put right. */
class Complaint extends Error {}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(HELP)
  const [file, ...more] = positionals
  if (more.length > 0) throw new Complaint('Give one definition at most.')
  const definition = file === undefined ? sample : await load(file)
  const stack = await startLocalStack(definition, portsFrom(values.port, definition))
  const end = (): void => void stack.stop()
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  const { config, users, appClients, roles, admin } = stack
  const all = { config, users, appClients, roles, admin }
  const text = values.json ? JSON.stringify(all) : told(stack, definition)
  process.stdout.write(`${text}\n`)
}

async function load(file: string): Promise<StackDefinition> {
  const path = resolve(file)
  if (!existsSync(path)) throw new Complaint(`There is no file ${path}.`)
  if (/^\.[cm]?ts$/.test(extname(path)) && !process.features.typescript) {
    throw new Complaint(
      `Node ${process.versions.node} does not run TypeScript. Take Node 22.18 or later, or write the definition as .mjs.`,
    )
  }
  let loaded: { default?: StackDefinition }
  try {
    loaded = await import(pathToFileURL(path).href)
  } catch (cause) {
    throw new Complaint(`${path} cannot be loaded.`, { cause })
  }
  if (loaded.default) return loaded.default
  throw new Complaint(`${path} has no default export. Write: export default defineStack({ … })`)
}

function portsFrom(text: string | undefined, { apis = {} }: StackDefinition): StartOptions {
  if (text === undefined) return {}
  const port = Number(text)
  const names = Object.keys(apis)
  if (!(Number.isInteger(port) && port >= 1 && port + names.length <= 65_535)) {
    throw new Complaint(`--port ${text} is no port.`)
  }
  const each = names.map((name, i): [string, number] => [name, port + 1 + i])
  return { ports: { cognito: port, apis: Object.fromEntries(each) } }
}

function told({ config, users, appClients }: LocalStack, definition: StackDefinition): string {
  const apis = Object.entries(config.apis).map(([name, { url }]) => {
    const routes = Object.entries(definition.apis?.[name]?.routes ?? {})
    const list = routes.map(([key, { auth }]) => `    ${key.padEnd(28)}${auth}`)
    return [`API ${name}`, `  ${url}`, ...list].join('\n')
  })
  const people = Object.values(users).map(({ username, password }) => {
    const groups = definition.users?.[username]?.groups ?? []
    return `  ${username.padEnd(14)}${password.padEnd(24)}${groups.join(', ')}`
  })
  const clients = Object.entries(appClients).map(
    ([name, { clientId, clientSecret }]) => `  ${name.padEnd(14)}${clientId}  ${clientSecret}`,
  )
  return [
    ...apis,
    `Cognito\n  ${config.endpoints.cognitoIdp}\n  ${config.endpoints.cognitoIdp}/config.json`,
    ...(people.length > 0 ? [`Users\n${people.join('\n')}`] : []),
    ...(clients.length > 0
      ? [`App clients, ${config.endpoints.oauth}/oauth2/token\n${clients.join('\n')}`]
      : []),
    'Ctrl-C ends it.',
  ].join('\n\n')
}

try {
  await run()
} catch (error) {
  console.error(`iamfetch-local: ${error instanceof Error ? error.message : String(error)}`)
  // What a definition file threw keeps its stack.
  if (error instanceof Complaint && error.cause) console.error(error.cause)
  process.exitCode = 1
}

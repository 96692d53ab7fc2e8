import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openApiDocument, startLocalStack, type StackDefinition } from '@iamfetch/local'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import openapiTypeScript, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import groupAccess from '../../examples/group-access/access.ts'
import { withPortal } from '../../examples/group-access/portal/access.ts'
import { mcpAccess } from '../../examples/mcp/access.ts'
import premiumContent from '../../examples/premium-content/access.ts'
import { whoCalled } from '../../examples/who-called/access.ts'
import template from '../../packages/create-iamfetch/template/stack.ts'

const folder = join(import.meta.dirname, 'generated')
const root = join(import.meta.dirname, '../..')

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes what openapi-typescript makes of a document. @returns The name of the file. */
async function writeTypes(name: string, document: unknown): Promise<string> {
  const types = astToString(await openapiTypeScript(document as OpenAPI3))
  writeFileSync(join(folder, `${name}.ts`), types)
  return `./${name}.ts`
}

/** Compiles files with the TypeScript that openapi-typescript supports. @returns What the compiler printed. */
function compile(...names: string[]): string {
  const compiler = join(import.meta.dirname, 'node_modules/typescript/bin/tsc')
  const args = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--lib']
  const more = ['es2022,dom,dom.iterable', '--module', 'esnext', '--moduleResolution', 'bundler']
  try {
    const all = [compiler, ...args, ...more, '--allowImportingTsExtensions', ...names]
    return execFileSync(process.execPath, all, { cwd: folder, encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout: unknown }).stdout)
  }
}

/** A program that calls every operation of a document with openapi-fetch, as its types want it. */
function callsOf(types: string, paths: Record<string, object>): string {
  const calls = Object.entries(paths).flatMap(([path, operations]) => {
    const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => `'${name}': '1'`)
    const options = names.length > 0 ? `, { params: { path: { ${names.join(', ')} } } }` : ''
    return Object.keys(operations).map(
      (method) => `  void client.${method.toUpperCase()}('${path}'${options})`,
    )
  })
  return `import createClient from 'openapi-fetch'
import type { paths } from '${types}'

export const call = (fetch: typeof globalThis.fetch, baseUrl: string) => {
  const client = createClient<paths>({ baseUrl, fetch })
${calls.join('\n')}
  // @ts-expect-error -- there is no such path
  void client.GET('/there/is/no/such/path')
}
`
}

const handler = (): string => 'ok'

/** Every API that OpenAPI can describe. */
const all = Object.entries<StackDefinition>({
  groupAccess,
  portal: withPortal(() => handler),
  premiumContent,
  whoCalled: whoCalled(() => handler),
  mcp: mcpAccess(handler),
  template,
}).flatMap(([name, definition]) =>
  Object.entries(definition.apis ?? {})
    .filter(([, { type }]) => type !== 'websocket')
    .map(([api]) => ({ name: `${name}-${api}`, document: openApiDocument(definition, { api }) })),
)

// Compilers and programs that start take time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

test('openapi-typescript reads the document of every example, and openapi-fetch compiles against it', async () => {
  expect(all.length).toBeGreaterThanOrEqual(6)
  const files: string[] = []
  for (const { name, document } of all) {
    const types = await writeTypes(name, document)
    const file = `${name}.calls.ts`
    const program = callsOf(types, document.paths)
    expect(program.match(/void client/g)!.length).toBeGreaterThan(1)
    writeFileSync(join(folder, file), program)
    files.push(file)
  }
  expect(compile(...files)).toBe('')
})

const CLIENT = `import createClient from 'openapi-fetch'
import type { paths } from './test.ts'

export const clientOf = (fetch: typeof globalThis.fetch, baseUrl: string) => createClient<paths>({ baseUrl, fetch })
`

test('a client of openapi-fetch calls as alice, and is refused as bob', async () => {
  const document = join(folder, 'test.json')
  const command = join(root, 'packages/local/src/cli.ts')
  const definition = join(root, 'examples/group-access/access.ts')
  const node = ['--conditions=@iamfetch/source', '--disable-warning=ExperimentalWarning']
  execFileSync(process.execPath, [...node, command, 'openapi', definition, '--out', document])
  await writeTypes('test', JSON.parse(readFileSync(document, 'utf8')))
  const file = join(folder, 'client.ts')
  writeFileSync(file, CLIENT)
  expect(compile('client.ts')).toBe('')

  await using stack = await startLocalStack(groupAccess)
  const { config } = stack
  const { clientOf } = (await import(file)) as {
    clientOf: (fetch: typeof globalThis.fetch, baseUrl: string) => TypedClient
  }
  const clientFor = async (username: 'alice' | 'bob'): Promise<TypedClient> => {
    const { idToken } = await stack.signIn(username)
    const credentials = cognitoCredentials({
      identityPoolId: config.identityPoolId,
      idToken: async () => idToken,
      endpoint: config.endpoints.cognitoIdentity,
    })
    const { url } = config.apis.test
    return clientOf(
      createIamFetch({ baseUrl: url, region: config.region, credentials }),
      config.apis.test.url,
    )
  }
  const alice = await clientFor('alice')
  const written = await alice.POST('/test', { body: { note: 'Grüße & more' } })
  expect(written.response.status).toBe(200)
  expect(written.data).toMatchObject({
    role: 'FullAccessRole',
    received: { note: 'Grüße & more' },
  })
  const bob = await clientFor('bob')
  expect(await bob.GET('/test')).toMatchObject({ data: { role: 'ReadOnlyAccessRole' } })
  const refused = await bob.POST('/test', { body: { note: 'no' } })
  expect(refused.response.status).toBe(403)
  expect(refused.data).toBeUndefined()
  expect(refused.error).toEqual({ message: 'Forbidden' })
})

/** The part of the generated client that is used here; the compiler has checked the whole. */
interface TypedClient {
  GET(path: '/test'): Promise<Result>
  POST(path: '/test', options: { body: unknown }): Promise<Result>
}

interface Result {
  response: Response
  data?: unknown
  error?: unknown
}

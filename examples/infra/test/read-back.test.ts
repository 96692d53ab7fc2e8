import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startLocalStack,
  stackFromTemplate,
  type HandlerSource,
  type LocalStack,
  type StackDefinition,
} from '@iamfetch/local'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import groupAccess from '../../group-access/access.ts'
import premium, { tenantNames } from '../../premium-content/access.ts'
import { allStacks } from '../src/all-stacks.ts'

const folder = mkdtempSync(join(tmpdir(), 'read-back-'))
const cdkOut = join(folder, 'cdk.out')

beforeAll(() => {
  const siteFolder = join(folder, 'site')
  mkdirSync(siteFolder)
  writeFileSync(join(siteFolder, 'index.html'), '<!doctype html>')
  const context = { 'aws:cdk:bundling-stacks': [] }
  allStacks(siteFolder, { outdir: cdkOut, analyticsReporting: false, context }).synth()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const answer = (): unknown => ({ statusCode: 200, body: 'answer' })

/** The functions of a stack; nothing is bundled here. */
function functionsOf(stack: string): Record<string, HandlerSource> {
  const text = readFileSync(join(cdkOut, `${stack}.template.json`), 'utf8')
  const { Resources }: { Resources: Record<string, { Type: string }> } = JSON.parse(text)
  const names = Object.keys(Resources).filter(
    (name) => Resources[name]?.Type === 'AWS::Lambda::Function',
  )
  return Object.fromEntries(names.map((name) => [name, answer]))
}

/** The definition that a stack was made from, with handlers that answer. */
const answering = (definition: StackDefinition): StackDefinition => ({
  ...definition,
  apis: Object.fromEntries(
    Object.entries(definition.apis ?? {}).map(([name, api]) => [
      name,
      {
        ...api,
        routes: Object.fromEntries(
          Object.entries(api.routes).map(([key, route]) => [key, { ...route, handler: answer }]),
        ),
      },
    ]),
  ) as NonNullable<StackDefinition['apis']>,
})

async function run(definition: StackDefinition): Promise<LocalStack> {
  const stack = await startLocalStack(definition)
  onTestFinished(() => stack.stop())
  return stack as LocalStack
}

/** The calls of all routes of the first API. */
const callsOf = (definition: StackDefinition): [method: string, path: string][] =>
  Object.keys(Object.values(definition.apis ?? {})[0]?.routes ?? {}).map((key) => {
    const [method = 'GET', path = '/'] = key.split(' ')
    return [method, path]
  })

const urlOf = ({ config }: LocalStack): string => Object.values(config.apis)[0]?.url ?? ''

/** The status of each call by each user, and without a signature. */
async function usersMatrix(stack: LocalStack, calls: readonly [string, string][]) {
  const matrix: Record<string, number> = {}
  for (const [method, path] of calls) {
    matrix[`unsigned ${method} ${path}`] = (
      await fetch(`${urlOf(stack)}${path}`, { method })
    ).status
    for (const username of Object.keys(stack.users)) {
      const iamFetch = createIamFetch({
        baseUrl: urlOf(stack),
        region: stack.config.region,
        service: 'execute-api',
        retry: { attempts: 1 },
        credentials: cognitoCredentials({
          identityPoolId: stack.config.identityPoolId,
          endpoint: stack.config.endpoints.cognitoIdentity,
          idToken: async () => (await stack.signIn(username)).idToken,
        }),
      })
      matrix[`${username} ${method} ${path}`] = (await iamFetch(path, { method })).status
    }
  }
  return matrix
}

/** The status of each call with the token of each app client. */
async function machinesMatrix(stack: LocalStack, calls: readonly [string, string][]) {
  const matrix: Record<string, number> = {}
  for (const [name, { clientId, clientSecret }] of Object.entries(stack.appClients)) {
    const response = await fetch(`${stack.config.endpoints.oauth}/oauth2/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
    const { access_token: token } = (await response.json()) as { access_token: string }
    const headers = { authorization: `Bearer ${token}` }
    for (const [method, path] of calls) {
      const { status } = await fetch(`${urlOf(stack)}${path}`, { method, headers })
      matrix[`${name} ${method} ${path}`] = status
    }
  }
  return matrix
}

describe('the templates that were made from a definition, read back', () => {
  test('users may call what the definition of group-access lets them', async () => {
    const { users } = groupAccess
    const options = { stack: 'GroupAccess', functions: functionsOf('GroupAccess') }
    const { definition } = stackFromTemplate(cdkOut, { ...options, ...(users && { users }) })
    const calls = callsOf(groupAccess)
    const expected = await usersMatrix(await run(answering(groupAccess)), calls)
    expect(new Set(Object.values(expected))).toStrictEqual(new Set([200, 403]))
    expect(await usersMatrix(await run(definition), calls)).toStrictEqual(expected)
  })

  test('users may call what the definition of developer-access lets them', async () => {
    const { users } = groupAccess
    const options = { stack: 'DeveloperAccess', functions: functionsOf('DeveloperAccess') }
    const { definition } = stackFromTemplate(cdkOut, { ...options, ...(users && { users }) })
    const calls = callsOf(groupAccess)
    const expected = await usersMatrix(await run(answering(groupAccess)), calls)
    expect(await usersMatrix(await run(definition), calls)).toStrictEqual(expected)
    expect(Object.keys(definition.apis ?? {})).toHaveLength(2)
  })

  test('machines may call what the definition of premium-content lets them', async () => {
    const options = { stack: 'PremiumProvider', functions: functionsOf('PremiumProvider') }
    const { definition } = stackFromTemplate(cdkOut, options)
    const provider = { ...premium, apis: { provider: premium.apis!['provider']! } }
    const calls = callsOf(provider)
    const expected = await machinesMatrix(await run(answering(provider)), calls)
    expect(Object.keys(expected)).toHaveLength(tenantNames.length * calls.length)
    expect(await machinesMatrix(await run(definition), calls)).toStrictEqual(expected)
  })
})

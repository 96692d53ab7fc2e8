import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText } from '@iamfetch/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { createFaults, openApiDocument, stackFromTemplate } from '../src/index.ts'
import { provideAwsLambda } from '../src/lambda-runtime/awslambda.ts'
import { openApiCommand } from '../src/openapi/command.ts'
import { permissionsCommand } from '../src/permissions/command.ts'
import { load } from '../src/vite-definition.ts'

// What the other tests of this package do not produce: one mistake for each message.

const folder = mkdtempSync(join(tmpdir(), 'iamfetch-'))
const file = (name: string, text = ''): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}
const definition = file('stack.mjs', 'export default {}')
const policy = file('policy.json', '{ not JSON')
const right = file('right.json', JSON.stringify({ Version: '2012-10-17', Statement: [] }))
const cdkOut = join(file('cdk.out/one.template.json', '{}'), '..')
file('cdk.out/two.template.json', '{}')
const empty = join(file('empty/readme.txt'), '..')
const ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod'
const withPolicy = ['--policy', `Reader=${policy}`, '--api', ARN]

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [() => openApiCommand([]), 'Error: Give one definition.'],
  [
    () => openApiCommand(['--name', 'x']),
    "Error: Unknown option '--name'. --help lists what there is.",
  ],
  [() => permissionsCommand([definition, definition]), 'Error: Give one definition.'],
  [
    () => permissionsCommand([definition, '--policy', 'Reader=policy.json']),
    'Error: Give either a definition or --policy.',
  ],
  [
    () => permissionsCommand([]),
    'Error: Give a definition, or --policy, --route and --api. --help explains both.',
  ],
  [() => permissionsCommand([definition, '--check']), 'Error: --check needs --out.'],
  [
    () => permissionsCommand(['--role', 'Reader']),
    "Error: Unknown option '--role'. --help lists what there is.",
  ],
  [() => permissionsCommand(withPolicy), 'Error: Give the routes: --route "GET /notes".'],
  [
    () =>
      permissionsCommand([...withPolicy.slice(0, 2), '--route', 'GET /notes', '--api', 'abc123']),
    'Error: Give the ARN of the API with its stage: --api arn:aws:execute-api:eu-central-1:123456789012:abc123/prod, not abc123',
  ],
  [
    () => permissionsCommand(['--policy', 'Reader', '--route', 'GET /notes', '--api', ARN]),
    'Error: Write --policy <role>=<file>, not Reader.',
  ],
  [
    () => permissionsCommand(['--policy', `Reader=${right}`, '--api', ARN, '--route', 'notes']),
    'Error: Write a route as "GET /notes/{id}", not "notes".',
  ],
  [
    () => permissionsCommand([...withPolicy, '--route', 'GET /notes']),
    'Error: FOLDER/policy.json is not a file with JSON.',
  ],
  [
    () => stackFromTemplate('/missing/template.yaml'),
    'TypeError: stackFromTemplate: "path" must be a file or a folder, got "/missing/template.yaml"',
  ],
  [
    () => stackFromTemplate(empty),
    'TypeError: stackFromTemplate: "path" must be a template, a cdk.out or a folder with a template.yaml, got "FOLDER/empty"',
  ],
  [
    () => stackFromTemplate(cdkOut, { stack: 'three' }),
    'TypeError: stackFromTemplate: "stack" must be one of one, two, got "three"',
  ],
  [
    () => load({ ssrLoadModule: async () => ({}) } as never, definition, 'localStack'),
    `TypeError: localStack: "definition" must name a file with a default export, got "FOLDER/stack.mjs". Write there: export default defineStack({ … })`,
  ],
  [
    () =>
      createFaults().next('GetId', {
        fault: 'throttle',
        refusal: { type: 'LimitExceededException', message: 'Slow down.' },
      }),
    'TypeError: faults.next: "refusal" needs the fault "refuse", got "throttle"',
  ],
  [
    () =>
      openApiDocument(
        {
          apis: {
            notes: { type: 'http', routes: { 'GET /': { auth: 'none', handler: () => ({}) } } },
          },
        },
        { api: 'books' },
      ),
    'TypeError: openApiDocument: "api" must be an API, got "books"; the APIs are notes',
  ],
  [
    () => {
      provideAwsLambda()
      return Reflect.get(globalThis, 'awslambda').HttpResponseStream.from({} as never, {
        statusCode: 200,
      })
    },
    'TypeError: awslambda.HttpResponseStream.from: the first argument must be the stream that the handler received',
  ],
]

afterAll(() => rmSync(folder, { recursive: true }))

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect((await errorText(call)).replaceAll(folder, 'FOLDER')).toBe(message)
  })
})

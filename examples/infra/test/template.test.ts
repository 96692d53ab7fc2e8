import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { startDynalite } from '@iamfetch/testing/servers'
import { createProject } from 'create-iamfetch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluate } from '@iamfetch/local'
import { accountId, deployed, region, type Deployed } from '../../../packages/cdk/test/resolved.ts'
import { startFunction } from '../lambda/start-function.ts'

// Below this folder, so that the project finds the packages of the repository and aws-cdk-lib.
const infra = join(import.meta.dirname, '..')
const work = join(infra, '.work')
const project = join(work, 'notes')
const out = join(work, 'cdk.out')
const bin = join(infra, '../../node_modules/.bin')

let on: Deployed
beforeAll(() => {
  rmSync(work, { recursive: true, force: true })
  createProject(project)
  mkdirSync(join(project, 'dist'))
  writeFileSync(join(project, 'dist/index.html'), '<!doctype html>')
  const hooks = join(infra, 'resolve-cdk.mjs')
  const args = ['--conditions=@iamfetch/source', '--import', hooks, 'infra/app.ts']
  const { status, stderr } = spawnSync(join(bin, 'node'), args, {
    cwd: project,
    encoding: 'utf8',
    env: { PATH: [bin, process.env['PATH']].join(delimiter), HOME: work, CDK_OUTDIR: out },
  })
  if (status !== 0) throw new Error(`infra/app.ts ended with ${status}\n${stderr}`)
  on = deployed({ Notes: JSON.parse(readFileSync(join(out, 'Notes.template.json'), 'utf8')) })
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

const functionOf = (handler: string) =>
  on
    .resources('Notes', 'AWS::Lambda::Function')
    .find(({ properties }) => properties['Handler'] === `index.${handler}`)!.properties

test('a new project can be synthesized, and its policies are those of stack.ts', () => {
  const api = on.resources('Notes', 'AWS::ApiGatewayV2::Api')[0]!.ref
  const mayCall = (group: string, call: string): boolean => {
    const { RoleArn } = on
      .resources('Notes', 'AWS::Cognito::UserPoolGroup')
      .find(({ properties }) => properties['GroupName'] === group)!.properties
    const resource = `arn:aws:execute-api:${region}:${accountId}:${api}/$default/${call}`
    const policies = on.policiesOf('Notes', RoleArn)
    return evaluate(policies, { action: 'execute-api:Invoke', resource }).effect === 'Allow'
  }
  expect(
    ['Editors', 'Readers'].map((group) => [
      mayCall(group, 'GET/notes'),
      mayCall(group, 'POST/notes'),
    ]),
  ).toEqual([
    [true, true],
    [true, false],
  ])
})

test('a note that the function of POST writes is shown by the function of GET', async () => {
  const dynamodb = await startDynalite()
  const endpoint = `http://127.0.0.1:${dynamodb.port}`
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new DynamoDBClient({ endpoint, region, credentials })
  const keys = ['pk', 'sk'].map((AttributeName) => ({ AttributeName }))
  await client.send(
    new CreateTableCommand({
      TableName: 'notes',
      AttributeDefinitions: keys.map((key) => ({ ...key, AttributeType: 'S' })),
      KeySchema: keys.map((key, index) => ({ ...key, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  const start = async (handler: string) => {
    const { Code, Handler } = functionOf(handler)
    return startFunction({
      folder: join(out, `asset.${Code.S3Key.replace('.zip', '')}`),
      handler: Handler,
      environment: {
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: 'ASIATEST',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_SESSION_TOKEN: 'test',
        NOTES_TABLE: 'notes',
        DYNAMODB_URL: endpoint,
      },
    })
  }
  const [add, list] = await Promise.all([start('addNote'), start('listNotes')])
  try {
    const added = await add.call({
      body: JSON.stringify({ text: 'Hello' }),
      requestContext: {
        authorizer: { iam: { userArn: 'arn:aws:sts::1:assumed-role/EditorsRole/Cognito' } },
      },
    })
    expect(added).toMatchObject({ statusCode: 201 })
    expect(await list.call({})).toEqual([{ text: 'Hello', by: 'EditorsRole' }])
  } finally {
    await Promise.all([add.stop(), list.stop()])
    client.destroy()
    await dynamodb.stop()
  }
})

test('each function may do with the table what its route needs', () => {
  const [table] = on.resources('Notes', 'AWS::DynamoDB::Table')
  const rights = (handler: string): string[] => {
    const policies = on.policiesOf('Notes', functionOf(handler)['Role'])
    return ['Query', 'PutItem', 'Scan', 'DeleteItem'].filter(
      (name) =>
        evaluate(policies, { action: `dynamodb:${name}`, resource: table!.arn }).effect === 'Allow',
    )
  }
  expect([rights('listNotes'), rights('addNote')]).toEqual([['Query'], ['PutItem']])
  for (const handler of ['listNotes', 'addNote']) {
    expect(functionOf(handler)['Environment'].Variables).toMatchObject({ NOTES_TABLE: table!.ref })
  }
})

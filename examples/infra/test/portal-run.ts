import { evaluate, startLocalStack, type LocalStack, type PolicyDocument } from '@iamfetch/local'
import { startDynaliteWithTransactions } from '@iamfetch/testing/servers'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  roleOf,
  tables,
  withPortal,
  type FunctionName,
  type TableNames,
} from '../../group-access/portal/access.ts'
import {
  startFunction,
  type FunctionPlace,
  type RunningFunction,
} from '../lambda/start-function.ts'

/** The portal with the functions of a deployment, on the local stack and a DynamoDB. */
export interface PortalRun {
  readonly stack: LocalStack
  /** Calls a function as Lambda does: in a process of its own, with its role's credentials in the environment. */
  readonly call: (name: FunctionName, event?: unknown) => Promise<unknown>
  /** The actions on tables that a function called, such as `dynamodb:GetItem keys`. */
  readonly asked: (name: FunctionName) => string[]
  readonly stop: () => Promise<void>
}

/** Starts the stack, and each function when it is first called. */
export async function startPortalRun(
  places: ReadonlyMap<string, Pick<FunctionPlace, 'folder' | 'handler'>>,
): Promise<PortalRun> {
  const seen = new Map<string, Set<string>>()
  const dynamodb = await startDynaliteWithTransactions()
  const recorder = await recordingProxy(dynamodb.port, (accessKeyId, action) => {
    seen.set(accessKeyId, (seen.get(accessKeyId) ?? new Set()).add(action))
  })
  for (const tableName of Object.values(tables)) await createTable(dynamodb.port, tableName)

  const running = new Map<FunctionName, Promise<RunningFunction>>()
  const start = (name: FunctionName): Promise<RunningFunction> => {
    const place = places.get(name)
    if (!place) throw new Error(`The deployment has no function ${name}.`)
    const { accessKeyId, secretAccessKey, sessionToken } = keyOf(name)
    return startFunction({
      ...place,
      environment: {
        AWS_REGION: stack.config.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
        USER_POOL_ID: stack.config.userPoolId,
        KEYS_TABLE: tables.keys,
        NOTES_TABLE: tables.notes,
        COGNITO_IDP_URL: stack.config.endpoints.cognitoIdp,
        DYNAMODB_URL: `http://127.0.0.1:${recorder.port}`,
      },
    })
  }
  const call = async (name: FunctionName, event?: unknown): Promise<unknown> => {
    const one = running.get(name) ?? start(name)
    running.set(name, one)
    return (await one).call(event)
  }
  const stack = await startLocalStack(withPortal((route) => (event: unknown) => call(route, event)))
  const keyOf = (name: FunctionName) => stack.roles[roleOf[name]]!
  return {
    stack,
    call,
    asked: (name) => [...(seen.get(keyOf(name).accessKeyId) ?? [])].toSorted(),
    async stop() {
      for (const one of running.values()) await (await one).stop()
      await stack.stop()
      await recorder.stop()
      await dynamodb.stop()
    },
  }
}

/** Which of the portal's tables a policy lets a function do what to, as {@link PortalRun.asked} has it. */
export function mayAsk(
  policies: readonly PolicyDocument[],
  tableNames: TableNames,
  arnOf: (table: string) => string,
): string[] {
  return Object.entries(tableNames).flatMap(([name, tableName]) =>
    ACTIONS.map((action) => `dynamodb:${action}`)
      .filter((action) => {
        const { effect } = evaluate(policies, { action, resource: arnOf(tableName) })
        return effect === 'Allow'
      })
      .map((action) => `${action} ${name}`),
  )
}

const ACTIONS =
  'BatchGetItem BatchWriteItem ConditionCheckItem CreateTable DeleteItem DeleteTable GetItem PutItem Query Scan UpdateItem UpdateTable'.split(
    ' ',
  )

async function createTable(port: number, TableName: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const [pk, sk] = ['pk', 'sk'].map((AttributeName) => ({ AttributeName }))
  await client.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [pk, sk].map((one) => ({ ...one!, AttributeType: 'S' })),
      KeySchema: [
        { ...pk!, KeyType: 'HASH' },
        { ...sk!, KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  )
  client.destroy()
}

interface TransactedParts {
  TransactItems?: Record<string, { TableName: string }>[]
  RequestItems?: Record<string, unknown>
  TableName?: string
}

/**
 * Passes requests on to a DynamoDB and tells who asked for which action on which table. A transaction needs the
 * permissions of its parts.
 *
 * @see [AWS: permissions for transactions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html)
 */
async function recordingProxy(
  to: number,
  tell: (accessKeyId: string, action: string) => void,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const nameOf = (table = ''): string =>
    Object.entries(tables).find(([, tableName]) => tableName === table)?.[0] ?? table
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const body = Buffer.concat(chunks)
    const target = String(request.headers['x-amz-target'])
    const operation = target.split('.')[1] ?? ''
    const [, key = ''] = /Credential=([^/]+)/.exec(request.headers.authorization ?? '') ?? []
    const input = JSON.parse(body.toString()) as TransactedParts
    for (const part of input.TransactItems ?? []) {
      for (const [kind, { TableName }] of Object.entries(part)) {
        const action = kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`
        tell(key, `dynamodb:${action} ${nameOf(TableName)}`)
      }
    }
    const touched = input.TableName ? [input.TableName] : Object.keys(input.RequestItems ?? {})
    for (const table of touched) tell(key, `dynamodb:${operation} ${nameOf(table)}`)
    const { headers } = request
    const answer = await fetch(`http://127.0.0.1:${to}/`, {
      method: 'POST',
      headers: {
        'content-type': String(headers['content-type']),
        'x-amz-target': target,
        'x-amz-date': String(headers['x-amz-date']),
        authorization: String(headers.authorization),
      },
      body,
    })
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(await answer.text())
  }
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

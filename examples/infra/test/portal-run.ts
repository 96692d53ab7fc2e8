import { evaluate, startLocalStack, type LocalStack, type PolicyDocument } from '@iamfetch/local'
import { startDynaliteWithTransactions } from '@iamfetch/testing/servers'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { roleOf, tables, withPortal, type FunctionName } from '../../group-access/portal/access.ts'

/** The functions of a deployment by their names. */
export type Functions = Readonly<Record<string, (event: unknown, context?: unknown) => unknown>>

/** The portal with the functions of a deployment, on the local stack and a DynamoDB. */
export interface PortalRun {
  readonly stack: LocalStack
  /** Calls a function as Lambda does: with its role's credentials in the environment. */
  readonly call: (name: FunctionName, event?: unknown, context?: unknown) => Promise<unknown>
  /** The actions on tables that a function asked DynamoDB for, as `dynamodb:GetItem keys`. */
  readonly asked: (name: FunctionName) => string[]
  readonly stop: () => Promise<void>
}

/** Starts it. One call of a function at a time: the environment is the process's. */
export async function startPortalRun(functions: Functions): Promise<PortalRun> {
  const seen = new Map<string, Set<string>>()
  const dynamodb = await startDynaliteWithTransactions()
  const recorder = await recordingProxy(dynamodb.port, (accessKeyId, action) => {
    seen.set(accessKeyId, (seen.get(accessKeyId) ?? new Set()).add(action))
  })
  for (const tableName of Object.values(tables)) await createTable(dynamodb.port, tableName)

  const call = async (name: FunctionName, event?: unknown, context?: unknown) => {
    const { accessKeyId, secretAccessKey, sessionToken } = keyOf(name) ?? NONE
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    })
    return functions[name]!(event, context)
  }
  const before = { ...process.env }
  const stack = await startLocalStack(
    withPortal((name) => (event: unknown, context) => call(name, event, context)),
  )
  const keyOf = (name: FunctionName) => stack.roles[roleOf[name] ?? '']
  Object.assign(process.env, {
    AWS_REGION: stack.config.region,
    USER_POOL_ID: stack.config.userPoolId,
    KEYS_TABLE: tables.keys,
    NOTES_TABLE: tables.notes,
    COGNITO_IDP_URL: stack.config.endpoints.cognitoIdp,
    DYNAMODB_URL: `http://127.0.0.1:${recorder.port}`,
  })
  return {
    stack,
    call,
    asked: (name) => [...(seen.get(keyOf(name)?.accessKeyId ?? '') ?? [])].toSorted(),
    async stop() {
      for (const name of Object.keys(process.env)) {
        if (before[name] === undefined) delete process.env[name]
      }
      Object.assign(process.env, before)
      await stack.stop()
      await recorder.stop()
      await dynamodb.stop()
    },
  }
}

/** Which of the portal's tables a policy lets a function do what to, as {@link PortalRun.asked} has it. */
export function mayAsk(
  policies: readonly PolicyDocument[],
  arnOf: (table: string) => string,
): string[] {
  return Object.entries(tables).flatMap(([name, tableName]) =>
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

/** For a function without a role: no call of its may succeed. */
const NONE = { accessKeyId: 'ASIANOBODY', secretAccessKey: 'none', sessionToken: 'none' }

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

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { startDynalite, type DynamoDBServer } from './dynamodb-server.ts'

/**
 * Puts `TransactWriteItems`, which dynalite does not have, in front of it.
 *
 * One request at a time goes through, so that no client sees half a transaction. Each part is written by dynalite's own
 * operation with the part's own condition; when one does not hold, those before it are undone.
 *
 * @see [DynamoDB: TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)
 */
export async function startDynaliteWithTransactions(): Promise<DynamoDBServer> {
  const behind = await startDynalite()
  let turn: Promise<unknown> = Promise.resolve()
  const server = createServer((request, response) => {
    turn = turn.then(() => serve(behind.port, request, response)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    name: 'dynalite',
    port: typeof address === 'object' && address ? address.port : 0,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await behind.stop()
    },
  }
}

type Members = Record<string, unknown>
type Headers = Record<string, string>
const PREFIX = 'DynamoDB_20120810.'

async function serve(
  port: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = Buffer.concat(chunks).toString()
  const headers: Headers = {}
  for (const [name, value] of Object.entries(request.headers)) {
    // Of the connection to us, not of the one behind.
    if (!['host', 'connection', 'content-length', 'expect'].includes(name)) {
      headers[name] = String(value)
    }
  }
  const call = async (operation: string, input: Members | string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { ...headers, 'x-amz-target': PREFIX + operation },
      body: typeof input === 'string' ? input : JSON.stringify(input),
    })
    return { status: answer.status, text: await answer.text() }
  }
  const operation = (headers['x-amz-target'] ?? '').replace(PREFIX, '')
  const { status, text } =
    operation === 'TransactWriteItems'
      ? await transact(JSON.parse(body), call)
      : await call(operation, body)
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text)
}

type Call = (operation: string, input: Members) => Promise<{ status: number; text: string }>

async function transact(
  { TransactItems }: { TransactItems: Record<string, Members>[] },
  call: Call,
): Promise<{ status: number; text: string }> {
  const send = async (operation: string, input: Members): Promise<Members> =>
    JSON.parse((await call(operation, input)).text)
  const parts = TransactItems.map((part) => {
    const [kind = '', input = {}] = Object.entries(part)[0] ?? []
    const { pk, sk } = membersIn(input['Key'] ?? input['Item'])
    return { kind, input, key: { TableName: input['TableName'], Key: { pk, sk } } }
  })
  const items = parts.map(({ key }) => JSON.stringify(key))
  if (new Set(items).size < items.length) {
    const message = 'Transaction request cannot include multiple operations on one item'
    return refused('ValidationException', message)
  }
  const before = await itemsOf(
    parts.map(({ key }) => key),
    send,
  )
  const takeBack = async (count: number): Promise<void> => {
    for (const [index, { key }] of parts.slice(0, count).entries()) {
      const { TableName } = key
      if (before[index]) await call('PutItem', { TableName, Item: before[index] })
      else await call('DeleteItem', key)
    }
  }
  // Every condition is about the table as it was, and all reasons are reported.
  const reasons: Members[] = []
  for (const [index, { kind, input }] of parts.entries()) {
    const { ReturnValuesOnConditionCheckFailure: returned, ...rest } = input
    const { status, text } = await call(`${kind}Item`, rest)
    const type = status === 200 ? '' : String(membersIn(JSON.parse(text))['__type'])
    if (status !== 200 && !type.endsWith('ConditionalCheckFailedException')) {
      await takeBack(index)
      return { status, text }
    }
    reasons.push(
      status === 200
        ? { Code: 'None' }
        : {
            Code: 'ConditionalCheckFailed',
            ...(returned === 'ALL_OLD' && { Item: before[index] }),
          },
    )
  }
  if (reasons.every(({ Code }) => Code === 'None')) return { status: 200, text: '{}' }
  await takeBack(parts.length)
  const codes = reasons.map(({ Code }) => Code).join(', ')
  return refused(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  )
}

function membersIn(value: unknown): Members {
  if (typeof value === 'object' && value !== null) return { ...value }
  throw new TypeError(`${String(value)} is not an object.`)
}

interface Key {
  TableName: unknown
  Key: Members
}

/** The items at these keys, read in one call: one call per item would take most of a transaction's time. */
async function itemsOf(
  keys: readonly Key[],
  send: (operation: string, input: Members) => Promise<Members>,
): Promise<unknown[]> {
  const RequestItems: Record<string, { Keys: Members[]; ConsistentRead: true }> = {}
  for (const { TableName, Key } of keys) {
    const request = (RequestItems[String(TableName)] ??= { Keys: [], ConsistentRead: true })
    request.Keys.push(Key)
  }
  const { Responses } = await send('BatchGetItem', { RequestItems })
  const byKey = new Map<string, unknown>()
  for (const TableName of Object.keys(RequestItems)) {
    const items = membersIn(Responses)[TableName]
    if (!Array.isArray(items)) throw new TypeError(`There is no list of items of ${TableName}.`)
    for (const item of items) {
      const { pk, sk } = membersIn(item)
      byKey.set(JSON.stringify({ TableName, Key: { pk, sk } }), item)
    }
  }
  return keys.map((key) => byKey.get(JSON.stringify(key)))
}

const refused = (type: string, message: string, more: Members = {}) => ({
  status: 400,
  text: JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    Message: message,
    message,
    ...more,
  }),
})

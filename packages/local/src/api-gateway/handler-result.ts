import { accepted, refused, type Result } from '../result.ts'
import type { Refusal } from './refusal.ts'

/** The response that a handler returned. */
export interface HandlerResult {
  status: number
  headers: [name: string, value: string][]
  body: Uint8Array<ArrayBuffer>
}

/**
 * Reads the result of a handler as API Gateway reads that of a Lambda function.
 *
 * HTTP API: a result without `statusCode` is the body of a 200. REST API: it has to be a whole proxy
 * response. A body that is no string is a fault in both.
 *
 * @see [AWS: Lambda function response](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response)
 */
export function readHandlerResult(
  type: 'http' | 'rest',
  returned: unknown,
): Result<HandlerResult, Refusal> {
  const result: unknown = JSON.parse(JSON.stringify(returned ?? null))
  if (!isObject(result) || result['statusCode'] === undefined) {
    if (type === 'rest') return failed('the handler returned no { statusCode, headers, body }')
    const text = typeof result === 'string' ? result : JSON.stringify(result)
    const headers: [string, string][] = [['content-type', 'application/json']]
    return accepted({ status: 200, headers, body: Buffer.from(text) })
  }
  const { statusCode, headers, multiValueHeaders, cookies, body, isBase64Encoded } = result
  const status = Number(statusCode)
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
    return failed(`the handler returned the statusCode ${JSON.stringify(statusCode)}`)
  }
  if (body !== undefined && body !== null && typeof body !== 'string') {
    return failed('the handler returned a body that is no string; JSON.stringify it')
  }
  const list = [
    ...pairsOf(headers),
    ...(type === 'rest' ? pairsOf(multiValueHeaders) : []),
    ...(type === 'http' && Array.isArray(cookies)
      ? cookies.map((cookie): [string, string] => ['set-cookie', String(cookie)])
      : []),
  ]
  if (!list.some(([name]) => name.toLowerCase() === 'content-type')) {
    // As aws/aws-lambda-dotnet's integration tests find it (Tools/LambdaTestTool-v2).
    list.push(['content-type', type === 'http' ? 'text/plain; charset=utf-8' : 'application/json'])
  }
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8')
  return accepted({ status, headers: list, body: bytes })
}

const failed = (reason: string): Result<never, Refusal> =>
  refused({ kind: 'HandlerFailed', reason })

/** The statuses that have no body. */
export const hasNoBody = (status: number): boolean =>
  status === 204 || status === 205 || status === 304

const pairsOf = (headers: unknown): [string, string][] =>
  isObject(headers)
    ? Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((one): [string, string] => [name, String(one)]),
      )
    : []

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

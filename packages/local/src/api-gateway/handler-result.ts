import { show } from '../invalid-option.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { Refusal } from './refusal.ts'
import { remappedName } from './remapped-headers.ts'

/** The response that a handler returned. */
export interface HandlerResult {
  status: number
  headers: [name: string, value: string][]
  /** A stream is sent piece by piece. */
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
}

/**
 * The largest result of a function that Lambda passes on, in bytes of JSON. The caller of a function that returns more gets
 * an error, as if the function had thrown.
 *
 * @see [AWS: Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); the number is that of
 *   Lambda's own message, which the integration tests of aws/aws-lambda-dotnet (`TooLargeResponseBodyAsync`) expect
 */
const LARGEST_RESULT = 6_291_556

/**
 * Reads the result of a handler as API Gateway, or a function URL, reads that of a Lambda function.
 *
 * HTTP API and function URL: a result without `statusCode` is the body of a 200. REST API: it has to be an object, and every member is
 * optional. A body that is not a string is a fault of both.
 *
 * @param sendsBytes  Whether a body with `isBase64Encoded` is decoded. A REST API does so if the first type of `Accept` is one
 *   of its binary media types; without, the body goes out as its base64 text.
 * @see [AWS: Lambda function response](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response)
 * @see The suite `recorded`, REST API results
 */
export function readHandlerResult(
  type: 'http' | 'rest' | 'function-url',
  returned: unknown,
  sendsBytes: boolean = type !== 'rest',
): Result<HandlerResult, Refusal> {
  const json = JSON.stringify(returned ?? null)
  if (Buffer.byteLength(json) > LARGEST_RESULT) {
    return failed(
      `the handler returned more than ${LARGEST_RESULT} bytes of JSON, the most that Lambda passes on`,
    )
  }
  const result: unknown = JSON.parse(json)
  const hasNoStatus = !isObject(result) || result['statusCode'] === undefined
  if (type !== 'rest' && hasNoStatus) {
    const text = typeof result === 'string' ? result : JSON.stringify(result)
    const headers: [string, string][] = [['content-type', 'application/json']]
    return accepted({ status: 200, headers, body: Buffer.from(text) })
  }
  if (!isObject(result)) return failed('the handler returned no { statusCode, headers, body }')
  const unknown = Object.keys(result).find((name) => type === 'rest' && !REST_MEMBERS.has(name))
  if (unknown !== undefined) return failed(`the handler returned the unknown member ${unknown}`)
  const { statusCode = 200, body, isBase64Encoded } = result
  const status = statusOf(statusCode)
  if (status === undefined) {
    return failed(`the handler returned the statusCode ${JSON.stringify(statusCode)}`)
  }
  if (body !== undefined && body !== null && typeof body !== 'string') {
    return failed('the handler returned a body that is not a string; JSON.stringify it')
  }
  const isBinary = sendsBytes && isBase64Encoded === true
  const bytes = Buffer.from(body ?? '', isBinary ? 'base64' : 'utf8')
  const given = type === 'rest' ? restHeaders(result) : httpHeaders(result)
  const headers = given.map(([name, value]): [string, string] => [
    type === 'http' ? name : remappedName(name),
    value,
  ])
  const faulty = headers.find(([name, value]) => !isSendable(name, value))
  if (faulty) {
    return failed(`the handler returned the header ${show(faulty[0])}, which cannot be sent`)
  }
  if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    // As aws/aws-lambda-dotnet's integration tests find it (Tools/LambdaTestTool-v2); unverified for function URLs.
    const byDefault = type === 'http' ? 'text/plain; charset=utf-8' : 'application/json'
    headers.push(['content-type', byDefault])
  }
  return accepted({ status, headers, body: bytes })
}

/** A number, or its three digits as text; `undefined` for anything else that JavaScript would turn into a number. */
export function statusOf(value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^\d{3}$/.test(value)
  const status = isText ? Number(value) : value
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined
  return status >= 200 && status <= 599 ? status : undefined
}

/** Whether `Headers` takes a header: no line break, for example, and no character that a byte cannot hold. */
function isSendable(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name)
  } catch {
    return false
  }
}

/** unverified: that any other member makes the result malformed. */
const REST_MEMBERS: ReadonlySet<string> = new Set([
  'statusCode',
  'headers',
  'multiValueHeaders',
  'body',
  'isBase64Encoded',
])

function httpHeaders({ headers, cookies }: Record<string, unknown>): [string, string][] {
  const all = Array.isArray(cookies) ? cookies : []
  return [
    ...pairsOf(headers),
    ...all.map((cookie): [string, string] => ['set-cookie', String(cookie)]),
  ]
}

/** The values of `multiValueHeaders` come before those of `headers`. */
const restHeaders = ({
  headers,
  multiValueHeaders,
}: Record<string, unknown>): [string, string][] => [
  ...pairsOf(multiValueHeaders),
  ...pairsOf(headers),
]

const failed = (reason: string): Result<never, Refusal> =>
  refused({ kind: 'HandlerFailed', reason })

/** The statuses that have no body. */
export const hasNoBody = (status: number): boolean =>
  status === 204 || status === 205 || status === 304

const pairsOf = (headers: unknown): [string, string][] =>
  isObject(headers)
    ? Object.entries(headers).flatMap(([name, value]) =>
        [value].flat().map((entry): [string, string] => [name, String(entry)]),
      )
    : []

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

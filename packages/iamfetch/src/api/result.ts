import { IamFetchError, requestIdOf, type ErrorCode } from '@iamfetch/core'
import { describeRefusal } from '../refusal.ts'
import type { StandardSchema } from './types.ts'

/** Reads the body of a response: JSON as a value, other text as text, nothing as `undefined`. */
export async function readResult(
  response: Response,
  schema: StandardSchema | undefined,
): Promise<unknown> {
  const value = await bodyOf(response)
  if (!schema) return value
  const result = await schema['~standard'].validate(value)
  if (!result.issues) return result.value
  // Neither the value nor the message of the library is quoted: some libraries repeat the value, which may be private.
  const at = (result.issues[0]?.path ?? []).map(nameOf).join('.')
  throw unexpected(
    response,
    `The response does not fit the schema${at && ` at "${at}"`}.`,
    'Compare "schema" with what the handler returns. To read what the schema library says, call with "as: \'response\'" and validate the body yourself.',
  )
}

/** The name of a member, or `*` for a key that is data itself, such as an e-mail address in a record. */
function nameOf(part: unknown): string {
  const name = String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part)
  return /^(\d{1,6}|[a-z_]\w{0,40})$/i.test(name) ? name : '*'
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  if (!/^application\/(.*\+)?json\b/i.test(response.headers.get('content-type') ?? '')) return text
  try {
    return JSON.parse(text)
  } catch {
    throw unexpected(
      response,
      'The response has the content type of JSON and is not JSON.',
      'Return JSON.stringify(…) as the "body" in the handler, or another "content-type".',
    )
  }
}

const unexpected = (response: Response, message: string, remedy: string): IamFetchError =>
  new IamFetchError('UNEXPECTED_ANSWER', message, {
    remedy,
    status: response.status,
    requestId: requestIdOf(response.headers),
  })

/** The error of a response that is not a success. The message does not quote the body of the application. */
export async function refusalError(route: string, response: Response): Promise<IamFetchError> {
  const { status, headers } = response
  const details = {
    status,
    requestId: requestIdOf(headers),
    retryable: status === 429 || status >= 500,
  }
  const code = codeOf(status)
  if (code === 'FORBIDDEN') {
    const { message } = await describeRefusal(response)
    return new IamFetchError(code, message, {
      ...details,
      remedy: 'Ask for the permission, or sign in as a user who has it.',
    })
  }
  return new IamFetchError(code, `${route} got a response with the status ${status}.`, {
    ...details,
    remedy: 'Read the body of the response: create the API with "refusals: \'response\'".',
  })
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'FORBIDDEN'
  if (status === 429) return 'THROTTLED'
  return status >= 500 ? 'SERVICE_UNAVAILABLE' : 'REQUEST_INVALID'
}

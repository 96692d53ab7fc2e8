import { describe, expect, it } from 'vitest'
import { refuse, type RefusalKind } from '../src/api-gateway/refusal.ts'

type Rest = [status: number, errorType: string | null, body: string]
const INTERNAL = 'InternalServerErrorException'
const UNSIGNED: Rest = [
  403,
  'MissingAuthenticationTokenException',
  '{"message":"Missing Authentication Token"}',
]
const SAID = '{"message":"said"}'
/** Of each refusal: status and text of an HTTP API, the whole answer of a REST API. */
const rows: [kind: RefusalKind, http: [status: number, text: string], rest: Rest][] = [
  ['BadRequest', [400, 'Bad Request'], [400, 'BadRequestException', SAID]],
  ['NoRoute', [404, 'Not Found'], UNSIGNED],
  ['MissingAuthenticationToken', [403, 'Forbidden'], UNSIGNED],
  ['IncompleteSignature', [403, 'Forbidden'], [403, 'IncompleteSignatureException', SAID]],
  ['InvalidSignature', [403, 'Forbidden'], [403, 'InvalidSignatureException', SAID]],
  ['UnrecognizedClient', [403, 'Forbidden'], [403, 'AccessDeniedException', SAID]],
  ['ExpiredToken', [403, 'Forbidden'], [403, 'ExpiredTokenException', SAID]],
  ['AccessDenied', [403, 'Forbidden'], [403, 'AccessDeniedException', '{"Message":"said"}']],
  [
    'Unauthorized',
    [401, 'Unauthorized'],
    [401, 'UnauthorizedException', '{"message":"Unauthorized"}'],
  ],
  [
    'ScopeMissing',
    [403, 'Forbidden'],
    [401, 'UnauthorizedException', '{"message":"Unauthorized"}'],
  ],
  [
    'Throttled',
    [429, 'Too Many Requests'],
    [429, 'TooManyRequestsException', '{"message":"Too Many Requests"}'],
  ],
  ['NoStage', [404, 'Not Found'], [403, 'ForbiddenException', '{"message":"Forbidden"}']],
  [
    'HeadersTooLarge',
    [431, 'Request Header Fields Too Large'],
    [431, 'BadRequestException', '{"message":"Request Header Fields Too Large"}'],
  ],
  [
    'BodyTooLarge',
    [413, 'Request Entity Too Large'],
    [413, null, 'HTTP content length exceeded 10485760 bytes.'],
  ],
  [
    'PayloadTooLarge',
    [413, 'Request Entity Too Large'],
    [413, 'RequestEntityTooLargeException', '{"message":"Request Too Long"}'],
  ],
  [
    'Failed',
    [500, 'Internal Server Error'],
    [500, INTERNAL, '{"message": "Internal server error"}'],
  ],
  [
    'HandlerFailed',
    [500, 'Internal Server Error'],
    [502, INTERNAL, '{"message": "Internal server error"}'],
  ],
  [
    'TimedOut',
    [503, 'Service Unavailable'],
    [504, INTERNAL, '{"message": "Endpoint request timed out"}'],
  ],
]
/** Those whose words depend on the case. */
const told = new Set(rows.filter(([, , [, , body]]) => body.includes('said')).map(([kind]) => kind))

describe('the response of a refusal', () => {
  it.each(rows)('%s', async (kind, [httpStatus, text], [restStatus, errorType, body]) => {
    const refusal = { kind, reason: 'why\nso', ...(told.has(kind) && { message: 'said' }) }
    const http = refuse('http', refusal, 'id')
    expect([http.status, await http.text()]).toEqual([
      httpStatus,
      JSON.stringify({ message: text }),
    ])
    expect(http.headers.has('x-amzn-errortype')).toBe(false)
    expect(http.headers.get('apigw-requestid')).toBe('id')
    expect(http.headers.has('www-authenticate')).toBe(httpStatus === 401)

    const rest = refuse('rest', refusal, 'id')
    expect([rest.status, rest.headers.get('x-amzn-errortype'), await rest.text()]).toEqual([
      restStatus,
      errorType,
      body,
    ])
    expect(rest.headers.get('x-amzn-requestid')).toBe('id')
    for (const { headers } of [http, rest]) {
      const isPlain = headers === rest.headers && kind === 'BodyTooLarge'
      expect(headers.get('content-type')).toBe(isPlain ? 'text/plain' : 'application/json')
      expect(headers.get('x-local-reason')).toBe(`${kind}: why so`)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { readHandlerResult } from '../src/api-gateway/handler-result.ts'

const KINDS = ['http', 'rest', 'function-url'] as const

describe.each(KINDS)('the result of a function behind %s', (kind) => {
  it.each([200, '201', 599])('may have the status code %j', (statusCode) => {
    expect(readHandlerResult(kind, { statusCode })).toMatchObject({
      ok: true,
      value: { status: Number(statusCode) },
    })
  })

  it.each([[[200]], ['0xC8'], [' 201 '], ['2e2'], ['200.0'], [true], [null], [''], [100], [600]])(
    'must not have the status code %j, which JavaScript may read as a number',
    (statusCode) => {
      expect(readHandlerResult(kind, { statusCode })).toMatchObject({
        ok: false,
        refusal: {
          kind: 'HandlerFailed',
          reason: `the handler returned the statusCode ${JSON.stringify(statusCode)}`,
        },
      })
    },
  )

  it('must not be larger than what Lambda passes on', () => {
    const fits = { statusCode: 200, body: 'x'.repeat(6_291_556 - 28) }
    expect(JSON.stringify(fits)).toHaveLength(6_291_556)
    expect(readHandlerResult(kind, fits).ok).toBe(true)
    expect(readHandlerResult(kind, { ...fits, body: `${fits.body}x` })).toMatchObject({
      ok: false,
      refusal: {
        kind: 'HandlerFailed',
        reason:
          'the handler returned more than 6291556 bytes of JSON, the most that Lambda passes on',
      },
    })
  })
})

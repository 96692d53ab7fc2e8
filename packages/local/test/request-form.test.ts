import { expect, it } from 'vitest'
import { formFault } from '../src/sigv4/request-form.ts'

const faultOf = (query: string): string | undefined => {
  const headers = new Map([['host', ['localhost']]])
  const request = {
    method: 'GET',
    target: `/test?${query}`,
    headers,
    body: new Uint8Array(),
    sourceIp: '127.0.0.1',
  }
  return formFault(
    request,
    { path: '/test', query },
    { signedHeaders: ['host'], presigned: false },
    80,
  )
}

it.each(['=1', '__proto__=1', '%5F_proto__', 'a=1&=2'])(
  'a query with a key that no canonical form keeps is not a signed request: %s',
  (query) => {
    expect(faultOf(query)).toBe('the query has a key that cannot be signed')
  },
)

it.each(['', 'a=1', 'a=', 'proto=__proto__', '&&a=1'])('a query like any other is: %s', (query) => {
  expect(faultOf(query)).toBeUndefined()
})

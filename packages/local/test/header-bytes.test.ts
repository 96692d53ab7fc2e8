import { describe, expect, it } from 'vitest'
import { headerText } from '../src/sigv4/expected-signature.ts'
import { formFault } from '../src/sigv4/request-form.ts'

describe('header bytes', () => {
  it('are the text that was signed, byte order mark and all; none that are not UTF-8', () => {
    const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
    for (const text of ['plain', 'ü', '\ufeffmarked']) expect(headerText(latin1(text))).toBe(text)
    expect(headerText('\xff')).toBeUndefined()
  })

  it('that are not UTF-8 are refused in any of the values of a header', () => {
    const claim = { signedHeaders: ['host', 'x-tenant'], presigned: false }
    const faultOf = (...values: string[]): string | undefined => {
      const headers = new Map([
        ['host', ['x']],
        ['x-tenant', values],
      ])
      const request = { method: 'GET', target: '/', headers, body: new Uint8Array(), sourceIp: '' }
      return formFault(request, { path: '/', query: '' }, claim, undefined)
    }
    expect(faultOf('a', 'b')).toBeUndefined()
    expect(faultOf('a', '\xff')).toBe('the header x-tenant is not UTF-8')
  })
})

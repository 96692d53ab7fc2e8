import { describe, expect, test } from 'vitest'
import { presignParts, sha256Hex, signParts } from '../src/index.ts'
import { readVectors } from './vectors.ts'

const cases = readVectors(sha256Hex)

describe('the signing test suite of AWS', () => {
  test('has 38 cases', () => {
    expect(cases).toHaveLength(38)
  })

  test.each(cases)('$name, in headers', ({ parts, context, signBody, header }) => {
    const headers = [...parts.headers]
    if (signBody) headers.push(['x-amz-content-sha256', context.payloadHash])
    const signed = signParts({ ...parts, headers }, context)
    expect(signed.canonicalRequest).toBe(header.canonicalRequest)
    expect(signed.stringToSign).toBe(header.stringToSign)
    expect(signed.signature).toBe(header.signature)
    expect(header.signedRequest).toContain(`\nAuthorization:${signed.authorization}\n`)
    for (const [name, value] of signed.headers.slice(headers.length)) {
      expect(header.signedRequest.toLowerCase()).toContain(`\n${name}:${value}\n`.toLowerCase())
    }
  })

  test.each(cases)('$name, in the query', ({ parts, context, query }) => {
    const signed = presignParts(parts, context)
    expect(signed.canonicalRequest).toBe(query.canonicalRequest)
    expect(signed.stringToSign).toBe(query.stringToSign)
    expect(signed.signature).toBe(query.signature)
    const [, target] = /^\S+ .*?\?(.*) HTTP/.exec(query.signedRequest)!
    const sorted = (text: string): string[] => [...new URLSearchParams(text)].map(String).toSorted()
    expect(sorted(signed.query)).toEqual(sorted(target!))
    expect(signed.authorization).toBe('')
  })
})

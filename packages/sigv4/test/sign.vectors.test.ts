import { describe, expect, test } from 'vitest'
import { presignParts, sha256Hex, signParts } from '../src/index.ts'
import { findVectors, readVectors } from './vectors.ts'

const suite = findVectors()
const cases = suite ? readVectors(suite, sha256Hex) : []
if (!suite)
  console.warn(
    "AWS's signing test suite is not beside this repository: its 76 signatures are not checked.",
  )

describe.skipIf(!suite)("AWS's signing test suite", () => {
  test('has 38 cases', () => {
    expect(cases).toHaveLength(38)
  })

  test.each(cases)('$name, in headers', ({ parts, context, expected }) => {
    const headers = [...parts.headers]
    if (context.signBody) headers.push(['x-amz-content-sha256', context.payloadHash])
    const signed = signParts({ ...parts, headers }, context)
    expect(signed.canonicalRequest).toBe(expected('header', 'canonical-request'))
    expect(signed.stringToSign).toBe(expected('header', 'string-to-sign'))
    expect(signed.signature).toBe(expected('header', 'signature'))
    const sent = expected('header', 'signed-request')
    expect(sent).toContain(`\nAuthorization:${signed.authorization}\n`)
    for (const [name, value] of signed.headers.slice(headers.length)) {
      expect(sent.toLowerCase()).toContain(`\n${name}:${value}\n`.toLowerCase())
    }
  })

  test.each(cases)('$name, in the query', ({ parts, context, expected }) => {
    const signed = presignParts(parts, context)
    expect(signed.canonicalRequest).toBe(expected('query', 'canonical-request'))
    expect(signed.stringToSign).toBe(expected('query', 'string-to-sign'))
    expect(signed.signature).toBe(expected('query', 'signature'))
    const [, target] = /^\S+ .*?\?(.*) HTTP/.exec(expected('query', 'signed-request'))!
    const sorted = (query: string): string[] =>
      [...new URLSearchParams(query)].map(String).toSorted()
    expect(sorted(signed.query)).toEqual(sorted(target!))
    expect(signed.authorization).toBe('')
  })
})

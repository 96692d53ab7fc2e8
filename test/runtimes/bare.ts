import * as portable from '@iamfetch/sigv4'
import type { SigningContext } from '@iamfetch/sigv4'
import { check, same, type Check, type Setup, type Vector } from './setup.ts'

/** What is checked: the functions of `@iamfetch/sigv4`, or those of its React Native entry point. */
type Signing = Pick<typeof portable, 'presignParts' | 'sha256Hex' | 'signParts'>

/** What runs on every engine, also on one without `URL`, `TextEncoder` and `crypto`: AWS's vectors and the hash. */
export async function bareSuite(
  { vectors }: Pick<Setup, 'vectors'>,
  signing: Signing = portable,
): Promise<Check[]> {
  const { sha256Hex } = signing
  const done: Check[] = []
  for (const vector of vectors) {
    await check(done, 'vectors', `${vector.name}, header`, () => inHeaders(vector, signing))
    await check(done, 'vectors', `${vector.name}, query`, () => inQuery(vector, signing))
  }
  for (const [text, hash] of KNOWN) {
    await check(done, 'hash', `of ${text.length} characters`, () => same(sha256Hex(text), hash))
  }
  await check(done, 'hash', 'of bytes is that of the text', () => {
    same(sha256Hex(Uint8Array.from([0xc3, 0xa9])), sha256Hex('\u00e9'))
  })
  await check(done, 'hash', 'of a lone surrogate is that of U+FFFD', () => {
    same(sha256Hex('a\ud800'), sha256Hex('a\ufffd'))
  })
  return done
}

const contextOf = ({ context }: Vector): SigningContext => ({
  ...context,
  at: new Date(context.at),
})

function inHeaders(vector: Vector, { signParts }: Signing): void {
  const headers = [...vector.parts.headers]
  const { signBody, context } = vector
  if (signBody) headers.push(['x-amz-content-sha256', context.payloadHash])
  const signed = signParts({ ...vector.parts, headers }, contextOf(vector))
  const { canonicalRequest, stringToSign, signature } = signed
  same({ canonicalRequest, stringToSign, signature }, vector.header)
}

function inQuery(vector: Vector, { presignParts }: Signing): void {
  const signed = presignParts(vector.parts, contextOf(vector))
  const { canonicalRequest, stringToSign, signature } = signed
  same({ canonicalRequest, stringToSign, signature }, vector.query)
}

// FIPS 180-4's examples, and what `sha256sum` says of the rest.
const KNOWN: readonly (readonly [text: string, hash: string])[] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
]

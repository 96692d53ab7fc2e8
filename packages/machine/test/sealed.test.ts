import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digest, sealWith } from '../src/sealed.ts'

test('what one secret closed opens with that secret and label, and no other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1 }),
      fc.string({ minLength: 1 }),
      fc.string({ unit: 'binary' }),
      fc.string(),
      async (secret, other, text, label) => {
        fc.pre(secret !== other)
        const [seal, same, stranger] = await Promise.all([secret, secret, other].map(sealWith))
        const sealed = await seal!.close(text, label)
        expect(sealed).toMatch(/^[\w-]+$/)
        expect(await same!.open(sealed, label)).toBe(text)
        expect(await same!.open(sealed, `${label}.`)).toBeUndefined()
        expect(await stranger!.open(sealed, label)).toBeUndefined()
        expect(same!.fingerprint).toBe(seal!.fingerprint)
        expect(stranger!.fingerprint).not.toBe(seal!.fingerprint)
      },
    ),
    { numRuns: 50 },
  )
})

test('the same text is never closed in the same way twice', async () => {
  const seal = await sealWith('secret')
  expect(await seal.close('text', 'label')).not.toBe(await seal.close('text', 'label'))
})

test('one flipped bit anywhere opens nothing', async () => {
  const seal = await sealWith('secret')
  const sealed = await seal.close('a text', 'label')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let at = 0; at < sealed.length; at++) {
    const flipped = alphabet[alphabet.indexOf(sealed[at]!) ^ 32]!
    const changed = sealed.slice(0, at) + flipped + sealed.slice(at + 1)
    expect(await seal.open(changed, 'label')).toBeUndefined()
  }
  for (const nonsense of ['', 'A', '!', 'ä', sealed.slice(0, 10)]) {
    expect(await seal.open(nonsense, 'label')).toBeUndefined()
  }
})

test('a digest is SHA-256 as base64url', async () => {
  expect(await digest('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
})

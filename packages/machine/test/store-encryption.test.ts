import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digest, encryptionWith } from '../src/store-encryption.ts'

test('an entry can be decrypted with the same secret and label, and with no other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ minLength: 1 }),
      fc.string({ minLength: 1 }),
      fc.string({ unit: 'binary' }),
      fc.string(),
      async (secret, other, text, label) => {
        fc.pre(secret !== other)
        const [seal, same, stranger] = await Promise.all(
          [secret, secret, other].map(encryptionWith),
        )
        const sealed = await seal!.encrypt(text, label)
        expect(sealed).toMatch(/^[\w-]+$/)
        expect(await same!.decrypt(sealed, label)).toBe(text)
        expect(await same!.decrypt(sealed, `${label}.`)).toBeUndefined()
        expect(await stranger!.decrypt(sealed, label)).toBeUndefined()
        expect(same!.fingerprint).toBe(seal!.fingerprint)
        expect(stranger!.fingerprint).not.toBe(seal!.fingerprint)
      },
    ),
    { numRuns: 50 },
  )
})

test('the same text is encrypted differently each time', async () => {
  const seal = await encryptionWith('secret')
  expect(await seal.encrypt('text', 'label')).not.toBe(await seal.encrypt('text', 'label'))
})

test('an entry with one flipped bit anywhere cannot be decrypted', async () => {
  const seal = await encryptionWith('secret')
  const sealed = await seal.encrypt('a text', 'label')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let at = 0; at < sealed.length; at++) {
    const flipped = alphabet[alphabet.indexOf(sealed[at]!) ^ 32]!
    const changed = sealed.slice(0, at) + flipped + sealed.slice(at + 1)
    expect(await seal.decrypt(changed, 'label')).toBeUndefined()
  }
  for (const nonsense of ['', 'A', '!', 'ä', sealed.slice(0, 10)]) {
    expect(await seal.decrypt(nonsense, 'label')).toBeUndefined()
  }
})

test('a digest is SHA-256 as base64url', async () => {
  expect(await digest('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
})

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkOnNative, checkOnWeb, checkSigner, craftedUrls } from './crafted-urls.ts'

const RUNS = { numRuns: 40_000 }

test('none of 40,000 crafted URLs resolves to another origin than an allowed one', () => {
  expect(() => fc.assert(fc.property(craftedUrls, checkOnWeb), RUNS)).not.toThrow()
})

test('none of 40,000 crafted URLs resolves to another origin on React Native', () => {
  expect(() => fc.assert(fc.property(craftedUrls, checkOnNative), RUNS)).not.toThrow()
})

test('none of 40,000 crafted URLs is signed for another host than the one that fetch calls', async () => {
  await expect(fc.assert(fc.asyncProperty(craftedUrls, checkSigner), RUNS)).resolves.toBeUndefined()
})

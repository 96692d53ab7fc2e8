import { expect, test } from 'vitest'
import { sameAsSent, sameInHeaders, sameInQuery } from './differential.ts'

/** How many requests in all; `IAMFETCH_RUNS=20000` for a quick look. */
const RUNS = Number(process.env['IAMFETCH_RUNS'] ?? 1_000_000)

test(`${RUNS * 0.45} requests are signed as @smithy/signature-v4 signs them, in headers`, async () => {
  await expect(sameInHeaders(RUNS * 0.45)).resolves.toBeUndefined()
})

test(`${RUNS * 0.45} requests are signed as @smithy/signature-v4 signs them, in the query`, async () => {
  await expect(sameInQuery(RUNS * 0.45)).resolves.toBeUndefined()
})

test(`${RUNS * 0.1} requests of the signer verify, as sent, by @smithy/signature-v4`, async () => {
  await expect(sameAsSent(RUNS * 0.1)).resolves.toBeUndefined()
})

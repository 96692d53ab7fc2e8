import { expect, test } from 'vitest'
import { sameAsSent, sameInHeaders, sameInQuery } from './differential.ts'

const TIMEOUT = 60_000

test(
  '4,000 requests are signed as @smithy/signature-v4 signs them, in headers',
  async () => {
    await expect(sameInHeaders(4_000)).resolves.toBeUndefined()
  },
  TIMEOUT,
)

test(
  '4,000 requests are signed as @smithy/signature-v4 signs them, in the query',
  async () => {
    await expect(sameInQuery(4_000)).resolves.toBeUndefined()
  },
  TIMEOUT,
)

test(
  '2,000 requests of the signer verify, as sent, by @smithy/signature-v4',
  async () => {
    await expect(sameAsSent(2_000)).resolves.toBeUndefined()
  },
  TIMEOUT,
)

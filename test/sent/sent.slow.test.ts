import type { LocalStack } from '@iamfetch/local'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendAll, WAYS, type Setup } from './send.ts'
import { allAccepted, serveEcho } from './stack.ts'

let stack: LocalStack
let setups: readonly Setup[]
beforeAll(async () => ({ stack, setups } = await serveEcho()) && undefined)
afterAll(() => stack?.stop())

test.each(WAYS)('the gateway takes 5,000 calls that Node sends by %s', async (way) => {
  await expect(allAccepted(setups, way, 5_000, sendAll)).resolves.toBeUndefined()
})

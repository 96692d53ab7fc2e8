import { expect, test } from 'vitest'
import { fakePool } from './fake-pool.ts'

// Workers know no `redirect: 'error'`, so that a redirect comes as an answer: by its status, or opaque in a browser.
test.each([
  [
    '307 of a server',
    () => new Response(null, { status: 307, headers: { location: 'https://x.example/' } }),
  ],
  ['answer without a status, as browsers make it opaque', () => Response.error()],
])('a redirect, a %s, is refused at once and takes the token nowhere', async (_, answer) => {
  const pool = fakePool(answer)
  await expect(pool.make()()).rejects.toMatchObject({ code: 'REQUEST_INVALID', retryable: false })
  expect(pool.calls()).toEqual(['GetId'])
})

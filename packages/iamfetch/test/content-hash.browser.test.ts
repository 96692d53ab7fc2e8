import { expect, test } from 'vitest'
import { withContentHash } from '../src/content-hash.ts'
import { createIamFetch, createTokenFetch } from '../src/index.ts'
import { BODY_KINDS, postOf, withoutBoundary } from './body-kinds.ts'
import { credentialsOf } from './fixtures.ts'
import { originAccessControl } from './loopback-servers.ts'

const distribution = originAccessControl()

/** Each `fetch` of the packages that sends the hash of a body. */
const CALLERS: Record<string, typeof fetch> = {
  'createIamFetch with payload "header"': createIamFetch({
    baseUrl: distribution,
    region: 'eu-central-1',
    service: 'lambda',
    payload: 'header',
    credentials: credentialsOf('A'),
  }),
  'createTokenFetch on withContentHash': createTokenFetch({
    baseUrl: distribution,
    token: async () => 'token',
    fetch: withContentHash(),
  }),
  'withContentHash alone': withContentHash(),
}

test.each(Object.entries(BODY_KINDS))(
  'Chromium sends %s through origin access control as plain fetch sends it',
  async (kind, body) => {
    // Chromium streams uploads over HTTP/2 alone: plain fetch cannot send this one here.
    const sent = kind === 'ReadableStream' ? new TextEncoder().encode('stream') : body()
    const plain = await fetch(`${distribution}/direct`, postOf(sent))
    const expected = withoutBoundary(await plain.json())
    for (const [name, call] of Object.entries(CALLERS)) {
      const response = await call(`${distribution}/x`, postOf(body()))
      expect({ name, status: response.status }).toEqual({ name, status: 200 })
      expect(withoutBoundary(await response.json())).toEqual(expected)
    }
  },
)

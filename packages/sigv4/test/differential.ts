/* oxlint-disable typescript/no-unsafe-type-assertion, typescript/no-misused-spread -- test data */
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { createSigner, presignParts, sha256Hex, signParts } from '../src/index.ts'
import { anything, smithyAuthorization, smithySignature } from './smithy.ts'

/** Signs `runs` requests in headers as AWS's signer does. */
export const sameInHeaders = (runs: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anything, async (one) => {
      expect(signParts(one.parts, one.context).authorization).toBe(await smithyAuthorization(one))
    }),
    { numRuns: runs },
  )

/** Signs `runs` requests in the query as AWS's signer does. */
export const sameInQuery = (runs: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anything, async (one) => {
      const { signature, query } = presignParts(one.parts, one.context)
      expect(signature).toBe(await smithySignature(one))
      expect(query).toContain(`&X-Amz-Signature=${signature}`)
    }),
    { numRuns: runs },
  )

/** Signs `runs` requests with {@link createSigner}; AWS's signer, given what would be sent, must agree. */
export const sameAsSent = (runs: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anything, fc.nat(6), async (one, kind) => {
      const { parts, context, body: bytes } = one
      const host = 'abc.execute-api.eu-central-1.amazonaws.com'
      // A parameter without a name is refused.
      const query = parts.query
        .split('&')
        .filter((pair) => !pair.startsWith('='))
        .join('&')
      const path = parts.path.replace(/[?#\\]/g, '')
      const bodies = [
        bytes,
        bytes.slice().buffer,
        new Blob([bytes as BlobPart]),
        String.fromCharCode(...bytes),
        new URLSearchParams({ a: 'ü' }),
        new Response(bytes as BodyInit).body!,
        new DataView(bytes.buffer),
      ]
      const bare = /GET|HEAD/.test(parts.method)
      const signer = createSigner({ ...context, clock: { now: () => Number(context.at) } })
      const request = await signer.sign(`https://${host}${path}?${query}`, {
        method: parts.method,
        headers: { 'x-amz-meta': 'a  b', accept: 'text/html' },
        body: bare ? null : (bodies[kind] as BodyInit),
      })
      const url = new URL(request.url)
      expect(url.href).toBe(request.url)
      const sent = new Uint8Array(await request.arrayBuffer())
      const authorization = await smithyAuthorization({
        body: sent,
        pairs: [...url.searchParams],
        context: { ...context, payloadHash: sha256Hex(sent) },
        parts: {
          ...parts,
          path: url.pathname,
          query: '',
          headers: [
            ['host', url.host],
            ['x-amz-meta', request.headers.get('x-amz-meta')!],
          ],
        },
      })
      expect(request.headers.get('authorization')).toBe(authorization)
    }),
    { numRuns: runs },
  )

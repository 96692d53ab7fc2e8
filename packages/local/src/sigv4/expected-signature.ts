import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { getCanonicalHeaders, getPayloadHash, SignatureV4 } from '@smithy/signature-v4'
import type { SessionKey } from '../iam/sessions.ts'
import { readAmzDate } from './amz-date.ts'
import type { SignatureClaim } from './signature-claim.ts'
import { readQuery, type RawRequest, type Target } from '../http/raw-request.ts'

/** A signature and the parts that it was computed from. */
export interface ExpectedSignature {
  canonicalRequest: string
  stringToSign: string
  signature: string
}

/**
 * Computes the signature that a request should have, by AWS's own `@smithy/signature-v4` and
 * `@aws-crypto/sha256-js`.
 *
 * @param claim  Its signed headers, scope and date are taken over.
 */
export const expectedSignature = (
  request: RawRequest,
  target: Target,
  claim: SignatureClaim,
  session: SessionKey,
): Promise<ExpectedSignature> => new Verifier(claim.scope, session).expect(request, target, claim)

/** The SHA-256 of a body, in hex. */
export const payloadHash = (body: Uint8Array): Promise<string> =>
  getPayloadHash(new HttpRequest({ body }), Sha256)

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Header bytes, read as Latin-1, as the text that was signed.
 *
 * @returns Nothing when they are not UTF-8: different bytes would become the same text.
 */
export function headerText(latin1: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(latin1)) return latin1
  try {
    return strictUtf8.decode(Buffer.from(latin1, 'latin1'))
  } catch {
    return undefined
  }
}

/** AWS's signer. It computes every step; this code only chooses its input. */
class Verifier extends SignatureV4 {
  constructor(
    { region, service }: SignatureClaim['scope'],
    { accessKeyId, secretAccessKey, sessionToken }: SessionKey,
  ) {
    super({
      service,
      region,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      sha256: Sha256,
      uriEscapePath: true,
      applyChecksum: false,
    })
  }

  async expect(
    { method, headers, body }: RawRequest,
    { path, query }: Target,
    { signedHeaders, scope, date }: SignatureClaim,
  ): Promise<ExpectedSignature> {
    const bag = new Map<string, string[]>()
    for (const [key, value] of readQuery(query) ?? [])
      bag.set(key, [...(bag.get(key) ?? []), value])
    const signed = signedHeaders.map((name) => [
      name,
      headers.get(name)?.map(headerText).join(',') ?? '',
    ])
    const request = new HttpRequest({
      method,
      path,
      query: Object.fromEntries(bag),
      headers: Object.fromEntries(signed),
      // AWS's signer knows the hash of no body, and computes the one of an empty body.
      ...(body.length > 0 && { body }),
    })
    // Named as signable, headers that the signer skips by default (such as user-agent) are verified too.
    const canonicalHeaders = getCanonicalHeaders(request, undefined, new Set(signedHeaders))
    const canonicalRequest = this.createCanonicalRequest(
      request,
      canonicalHeaders,
      await getPayloadHash(request, this.sha256),
    )
    const stringToSign = await this.createStringToSign(
      date,
      `${scope.date}/${scope.region}/${scope.service}/${scope.terminator}`,
      canonicalRequest,
      'AWS4-HMAC-SHA256',
    )
    const signingDate = readAmzDate(date) ?? new Date(NaN)
    return {
      canonicalRequest,
      stringToSign,
      signature: await this.sign(stringToSign, { signingDate }),
    }
  }
}

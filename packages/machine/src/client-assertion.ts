import { base64url } from './store-encryption.ts'

/** The claims of an assertion, see [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3). */
export interface AssertionClaims {
  clientId: string
  audience: string
  /** Milliseconds since the epoch. */
  now: number
}

/** Returns an assertion that is signed with the client secret (`client_secret_jwt`). */
export function secretAssertion(clientSecret: string, claims: AssertionClaims): Promise<string> {
  return signedJwt({ alg: 'HS256' }, claims, async (data) => {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const secret = new TextEncoder().encode(clientSecret)
    const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, data))
  })
}

const LIFETIME_SECONDS = 60

/** Returns an assertion with a signature. @see [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) */
export async function signedJwt(
  header: Readonly<Record<string, string>>,
  { clientId, audience, now }: AssertionClaims,
  signature: (data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<string> {
  const iat = Math.floor(now / 1_000)
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: crypto.randomUUID(),
    iat,
    exp: iat + LIFETIME_SECONDS,
  }
  const encoded = [{ ...header, typ: 'JWT' }, claims].map((part) =>
    base64url(new TextEncoder().encode(JSON.stringify(part))),
  )
  const signed = encoded.join('.')
  return `${signed}.${base64url(await signature(new TextEncoder().encode(signed)))}`
}

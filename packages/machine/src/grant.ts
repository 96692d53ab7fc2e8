import { IamFetchError } from '@iamfetch/core'
import { field, type TokenAnswer, type TokenGrant } from './source.ts'

/** What an answer claims to be, and what it has to be. */
export interface Claimed {
  token: unknown
  tokenType: unknown
  expiresIn: unknown
  scope?: unknown
  clientId: string
  /** `opaque` also takes a token that is no JWT; such a token cannot be looked into. */
  format: 'jwt' | 'opaque'
  /** Whether `token_use` has to be there, as it is in every token of Cognito. */
  tokenUseRequired?: boolean
}

/**
 * Makes a grant of what an answer claims, or refuses it: an error page, somebody else's token or an ID token
 * is never cached as an access token.
 *
 * The signature is not checked; the token came over TLS from the endpoint that was asked.
 *
 * @throws {@link IamFetchError} `TOKEN_INVALID` naming what is wrong, without the token.
 */
export function grantOf(claimed: Claimed, { status }: TokenAnswer): TokenGrant {
  const refuse = (what: string): never => {
    throw notAToken(what, status)
  }
  const { token, tokenType, expiresIn, clientId } = claimed
  // Visible ASCII alone: it goes into a header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return refuse('access_token')
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
    return refuse('token_type')
  }
  if (!isFinite(expiresIn) || expiresIn <= 0) return refuse('expires_in')

  const claims = claimsOf(token)
  if (!claims && claimed.format === 'jwt') return refuse('access_token, which is no JWT')
  const use = field(claims, 'token_use')
  if (use === undefined ? claimed.tokenUseRequired : use !== 'access') return refuse('token_use')
  const exp = field(claims, 'exp')
  if (exp !== undefined && !isFinite(exp)) return refuse('exp')
  const client = field(claims, 'client_id')
  if (client !== undefined && client !== clientId) {
    return refuse('client_id, which names another client')
  }
  const scope = field(claims, 'scope') ?? field(claims, 'scp') ?? claimed.scope
  return { token, expiresIn, exp, scopes: scopesOf(scope) }
}

const isFinite = (value: unknown): value is number => Number.isFinite(value)

/** @returns An error that says what of an answer is no token. */
export const notAToken = (what: string, status?: number, retryable = false): IamFetchError =>
  new IamFetchError('TOKEN_INVALID', `The answer is not a usable access token: ${what}.`, {
    remedy:
      'Check that the URL is the token endpoint itself and that nothing on the way answers in its place.',
    status,
    retryable,
  })

/** The claims of a JWT, unverified; `undefined` for anything that is not shaped like one. */
function claimsOf(token: string): object | undefined {
  const parts = token.split('.')
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part))) return undefined
  try {
    const [header, claims] = parts.slice(0, 2).map((part) => {
      const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
      const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown
    })
    if (typeof field(header, 'alg') !== 'string') return undefined
    return typeof claims === 'object' && claims && !Array.isArray(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

/** Scopes from a claim: separated by spaces, or (with other vendors) an array. */
function scopesOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === 'string')
  return typeof value === 'string' ? value.split(' ').filter(Boolean) : undefined
}

import { IamFetchError, requestIdOf } from '@iamfetch/core'
import { knownErrorName } from './error-names.ts'
import type { TokenResponse } from './token-endpoint.ts'

/** What happened, and what to do about it. */
export interface RefusalTexts {
  message: string
  remedy: string
}

/** Why a token endpoint refuses a request. */
export type TokenRefusalCode = keyof typeof REFUSALS

/**
 * Creates the error for a refusal.
 *
 * @param code       Why.
 * @param response   Its status and request ID become part of the error.
 * @param errorName  The error's name in the response. Only a known one is shown.
 * @param texts      Say it more precisely than the code does.
 */
export function refused(
  code: TokenRefusalCode,
  { status, headers }: TokenResponse,
  errorName = '',
  { message, remedy }: RefusalTexts = REFUSALS[code],
): IamFetchError {
  const shown = knownErrorName(errorName)
  const named = shown ? `${message.slice(0, -1)} (${shown}).` : message
  return new IamFetchError(code, named, {
    remedy,
    status,
    requestId: requestIdOf(headers),
    retryable: code === 'THROTTLED' || code === 'SERVICE_UNAVAILABLE',
  })
}

/** Reads what an HTTP status says by itself; `undefined` for success and where the body decides. */
export function refusalOfStatus(status: number): TokenRefusalCode | undefined {
  if (status === 429) return 'THROTTLED'
  if (status >= 500 || status === 408 || status === 425) return 'SERVICE_UNAVAILABLE'
  // 0 is the status of a redirect that a browser was told not to follow.
  if (status === 0 || (status >= 300 && status < 400)) return 'REDIRECT_REFUSED'
  return undefined
}

/** Reads a refusal whose body says nothing: vendors respond to a wrong secret with 400 or 401. */
export function refusalWithoutName(status: number): TokenRefusalCode {
  if (status === 400) return 'REQUEST_INVALID'
  if (status === 401) return 'INVALID_CLIENT'
  if (status === 403) return 'FORBIDDEN'
  return 'UNEXPECTED_ANSWER'
}

const REFUSALS = {
  INVALID_CLIENT: {
    message: 'The token endpoint does not accept this client ID with this secret.',
    remedy:
      'Compare the client ID and the secret with the app client. During a rotation, pass { current, previous } as "clientSecret".',
  },
  INVALID_SCOPE: {
    message:
      'The token endpoint does not know a requested scope, or does not grant it to this client.',
    remedy:
      'Write Cognito scopes as <resource server>/<scope>, and allow them in the settings of the client.',
  },
  UNAUTHORIZED_CLIENT: {
    message: 'The token endpoint does not allow this client to get tokens in this way.',
    remedy:
      'Allow the client_credentials grant for the client, or ALLOW_CLIENT_TOKEN_AUTH for GetClientToken.',
  },
  REQUEST_INVALID: {
    message: 'The token endpoint does not understand the request.',
    remedy:
      'Check the URL (it ends with /oauth2/token for a Cognito domain) and the options of the endpoint.',
  },
  FORBIDDEN: {
    message: 'The request was refused before the client was checked.',
    remedy: 'Check whether a web ACL (AWS WAF) or a proxy in front of the endpoint refuses it.',
  },
  THROTTLED: {
    message: 'The token endpoint receives too many requests.',
    remedy:
      'Share tokens through a "store". Cognito allows 150 client authentications per second for an account and region.',
  },
  SERVICE_UNAVAILABLE: {
    message: 'The token endpoint failed.',
    remedy: 'Repeat the call later, and check the status of the issuer.',
  },
  REDIRECT_REFUSED: {
    message: 'The token endpoint redirects, and a secret is never sent to another URL.',
    remedy: 'Pass the URL to which it redirects, if you trust it.',
  },
  UNEXPECTED_ANSWER: {
    message: 'The response is not the response of a token endpoint.',
    remedy: 'Check the URL: it ends with /oauth2/token for a Cognito domain.',
  },
} as const

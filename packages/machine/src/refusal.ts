import { IamFetchError } from '@iamfetch/core'
import type { TokenAnswer } from './source.ts'

const REFUSALS = {
  INVALID_CLIENT: [
    'The token endpoint does not accept this client ID with this secret.',
    'Compare client ID and secret with the app client. After a rotation, hand over current and previous secret.',
  ],
  INVALID_SCOPE: [
    'The token endpoint does not know a scope that was asked for, or does not grant it to this client.',
    'Write scopes as <resource server>/<scope> and allow them in the settings of the app client.',
  ],
  UNAUTHORIZED_CLIENT: [
    'This client may not get tokens in this way.',
    'Allow the client_credentials grant for the app client, or ALLOW_CLIENT_TOKEN_AUTH for GetClientToken.',
  ],
  REQUEST_INVALID: [
    'The token endpoint does not understand the request.',
    'Check the URL, which ends with /oauth2/token for a Cognito domain, and the options of the source.',
  ],
  FORBIDDEN: [
    'The token endpoint turned the request away before looking at the client.',
    'Look for a web ACL (AWS WAF) or a proxy before the endpoint.',
  ],
  THROTTLED: [
    'The token endpoint is being asked too often.',
    'Share tokens through a store. Cognito allows 150 client authentications a second for an account and region.',
  ],
  SERVICE_UNAVAILABLE: ['The token endpoint failed.', 'Try again later.'],
  REDIRECT_REFUSED: [
    'The token endpoint redirects, and a secret is not sent after a redirect.',
    'Give the URL of the endpoint itself.',
  ],
  UNEXPECTED_ANSWER: [
    'What answered is not a token endpoint.',
    'Check the URL: it ends with /oauth2/token for a Cognito domain.',
  ],
} as const

/** The refusals that a token endpoint can give. */
export type Refusal = keyof typeof REFUSALS

/** Makes the error for a refusal. */
export function refused(code: Refusal, { status, headers }: TokenAnswer, name = ''): IamFetchError {
  const [sentence, remedy] = REFUSALS[code]
  return new IamFetchError(code, name ? `${sentence} (${name})` : sentence, {
    remedy,
    status,
    requestId: headers.get('x-amzn-requestid') ?? headers.get('x-amz-cf-id') ?? undefined,
    retryable: code === 'THROTTLED' || code === 'SERVICE_UNAVAILABLE',
  })
}

/** What an HTTP status alone says; `undefined` for success and where the body has to tell. */
export function refusalOf(status: number): Refusal | undefined {
  if (status === 429) return 'THROTTLED'
  if (status >= 500 || status === 408 || status === 425) return 'SERVICE_UNAVAILABLE'
  // 0 is what a browser makes of a redirect that it was told not to follow.
  if (status === 0 || (status >= 300 && status < 400)) return 'REDIRECT_REFUSED'
  return undefined
}

/** What is left to say where the body is silent: vendors answer a wrong secret with 400 or 401. */
export const lastResort = (status: number): Refusal => BY_STATUS[status] ?? 'UNEXPECTED_ANSWER'

const BY_STATUS: Readonly<Record<number, Refusal>> = {
  400: 'REQUEST_INVALID',
  401: 'INVALID_CLIENT',
  403: 'FORBIDDEN',
}

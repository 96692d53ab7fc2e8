import { IamFetchError, isIamFetchError } from './error.ts'
import { hideSecrets } from './hide-secrets.ts'
import { isOffline } from './offline.ts'

/**
 * Turns what a token source threw into an {@link IamFetchError} that names the cause. An `IamFetchError` stays as it is.
 *
 * Only an error that reports that the session has ended becomes `LOGIN_REQUIRED`; every other one may be temporary, and is `retryable`.
 * The message quotes only the name and the code of the error: its text may contain a token.
 *
 * @param option  The option that holds the source, for example `idToken`.
 * @param cause   What the source threw.
 */
export function tokenSourceError(option: string, cause: unknown): IamFetchError {
  if (isIamFetchError(cause)) return cause
  const names = namesIn(cause)
  const message = `"${option}" failed: ${names.join(', ') || 'it threw something that is not an error'}.`
  if (names.some((name) => SESSION_OVER.includes(name.toLowerCase()))) {
    return new IamFetchError('LOGIN_REQUIRED', message, { remedy: 'Sign in again.', cause })
  }
  const isNetwork = names.some((name) => name === 'TypeError' || /network|offline/i.test(name))
  if (isNetwork && isOffline()) {
    return new IamFetchError('OFFLINE', message, {
      remedy: 'Repeat the call when the device is online.',
      retryable: true,
      cause,
    })
  }
  if (isNetwork) {
    return new IamFetchError('NETWORK_OR_CORS', message, {
      remedy:
        'Check the connection to the sign-in service and the Content Security Policy of the page, then repeat the call.',
      retryable: true,
      cause,
    })
  }
  return new IamFetchError('SERVICE_UNAVAILABLE', message, {
    remedy: `Read the cause, correct it in "${option}", and repeat the call; sign in again if the session has ended.`,
    retryable: true,
    cause,
  })
}

/** How OAuth, OpenID Connect, MSAL, Auth0 and Amplify name a session that only a new sign-in brings back. */
const SESSION_OVER = [
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'invalid_grant',
  'missing_refresh_token',
  'no_account_error',
  'notauthorizedexception',
  'userunauthenticatedexception',
]

/** The texts of an error that are short names and never secrets. */
function namesIn(cause: unknown): string[] {
  if (typeof cause !== 'object' || cause === null) return []
  // Read one by one, because the `name` of an error is inherited.
  return ['name', 'code', 'error', 'errorCode']
    .map((key): unknown => Reflect.get(cause, key))
    .filter(
      (text): text is string =>
        typeof text === 'string' && /^[\w./-]{1,60}$/.test(text) && hideSecrets(text) === text,
    )
}

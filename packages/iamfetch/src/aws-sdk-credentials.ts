import { fromCognitoIdentityPool } from '@aws-sdk/credential-provider-cognito-identity'
import {
  checkEndpoint,
  fresh,
  IamFetchError,
  type Clock,
  type Credentials,
  type CredentialsProvider,
} from '@iamfetch/core'

/** Which identity pool to ask, for whom, and for which role. */
export interface AwsSdkCredentialsOptions {
  /** `eu-central-1:…`; the region before the colon is the one that is asked. */
  identityPoolId: string
  /** Gives the signed-in user's ID token. */
  idToken: (options: { forceRefresh: boolean }) => Promise<string>
  /** The ARN of one of the token's `cognito:roles`. @default the pool's choice */
  role?: string | undefined
  /** The name under which the pool knows the issuer. @default `iss` of the token, without scheme */
  providerName?: string | undefined
  /** Where the identity pool answers, for a local stack. */
  endpoint?: string | undefined
  /** @default Date */
  clock?: Clock | undefined
}

/**
 * Exchanges the ID token for credentials by AWS-authored code: `fromCognitoIdentityPool`, kept until they expire.
 *
 * It is taken from `@aws-sdk/credential-provider-cognito-identity`: the umbrella `@aws-sdk/credential-providers` has the
 * same function, but esbuild cannot bundle it for browsers (it reaches for `node:http`, `node:child_process`, …).
 *
 * An entry of its own, so that whoever takes only the signer of `iamfetch/aws-sdk` neither installs nor loads the SDK's clients.
 *
 * The SDK's provider asks the pool on every call and clings to the first identity that it got; therefore each exchange
 * here is made by a new one, and one exchange serves all callers. Errors are the SDK's own.
 *
 * @returns Credentials for `createIamFetch` and for clients of the AWS SDK; `clear()` belongs to sign-out.
 */
export function awsSdkCredentials(
  options: AwsSdkCredentialsOptions,
): CredentialsProvider & { clear(): void } {
  const { identityPoolId, idToken, role, providerName, endpoint, clock = Date } = options
  const [region = ''] = /^[a-z]+(-[a-z]+)+-\d+(?=:\S)/.exec(identityPoolId) ?? []
  if (!region) throw new TypeError('identityPoolId takes the whole ID, region:…')
  if (endpoint !== undefined) checkEndpoint('awsSdkCredentials', endpoint)
  let forceRefresh = false
  const held = fresh<Credentials>(
    async () => {
      const token = await idToken({ forceRefresh })
      forceRefresh = false
      const value = await fromCognitoIdentityPool({
        identityPoolId,
        logins: { [providerName ?? issuerOf(token)]: token },
        clientConfig: { region, ...(endpoint && { endpoint }) },
        ...(role && { customRoleArn: role }),
      })()
      return { value, expiresAt: value.expiration?.getTime() ?? clock.now() }
    },
    { clock },
  )
  return Object.assign(
    (asked: { forceRefresh?: boolean } = {}) => {
      forceRefresh ||= asked.forceRefresh ?? false
      return held.get(asked)
    },
    {
      invalidate: (credentials: Credentials) => void held.invalidate(credentials),
      clear: () => held.clear(),
    },
  )
}

/** The login's name: `iss` without scheme and without a slash at the end. Nothing is verified here, the pool does. */
function issuerOf(token: string): string {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const { iss } = JSON.parse(atob(payload))
    return String(iss.replace(/^https?:\/\/|\/$/g, ''))
  } catch {
    throw new IamFetchError('ID_TOKEN_INVALID', 'The ID token names no issuer.', {
      remedy: 'Let idToken give the JWT that the user pool issued, or set providerName.',
    })
  }
}

import { fromCognitoIdentityPool } from '@aws-sdk/credential-provider-cognito-identity'
import { decodeIdToken, type IdTokenSource } from '@iamfetch/cognito'
import {
  callerChanged,
  checkOptions,
  cleared,
  followSignIns,
  checkEndpoint,
  fresh,
  IamFetchError,
  invalidOption,
  setOwner,
  startCallOf,
  tokenSourceError,
  withDeadline,
  type Clock,
  type Credentials,
  type CredentialsProvider,
  type OptionNames,
  type Owner,
  type SignedIn,
  type TokenRead,
  type TokenReader,
} from '@iamfetch/core'
import { sdkRequestHandler } from './sdk-request-handler.ts'

/** Which identity pool to ask, for whom, and for which role. */
export interface AwsSdkCredentialsOptions {
  /** For example `eu-central-1:…`; the exchange goes to the region before the colon. */
  identityPoolId: string
  /**
   * Returns the signed-in user's ID token, `undefined` if no user is. Every call reads it when it starts, and again before each
   * further attempt.
   */
  idToken: IdTokenSource
  /** The ARN of one of the token's `cognito:roles`. Defaults to the pool's choice. */
  role?: string | undefined
  /** The name under which the pool knows the issuer. Defaults to `iss` of the token, without its scheme. */
  providerName?: string | undefined
  /** The URL of the identity pool, for a local stack. */
  endpoint?: string | undefined
  /** Sends the exchange. Defaults to the way of the AWS SDK. */
  fetch?: typeof globalThis.fetch | undefined
  /** @default Date */
  clock?: Clock | undefined
}

const OPTION_NAMES: OptionNames<AwsSdkCredentialsOptions> = {
  identityPoolId: true,
  idToken: true,
  role: 'string',
  providerName: 'string',
  endpoint: 'string',
  fetch: 'function',
  clock: 'clock',
}

/**
 * Exchanges the ID token for credentials by AWS-authored code: `fromCognitoIdentityPool`, kept until they expire.
 *
 * A separate entry point, so that a page that uses only the signer of `iamfetch/aws-sdk` neither installs nor loads the SDK's
 * clients. The function is imported from `@aws-sdk/credential-provider-cognito-identity`: esbuild cannot bundle the umbrella package
 * `@aws-sdk/credential-providers` for browsers (it imports `node:http`, `node:child_process`, …).
 *
 * The SDK's provider asks the pool on every call and keeps the first identity that it got; therefore each exchange here is made by
 * a new one, and one exchange serves all callers. As with `cognitoCredentials`, a call gets the credentials of the user whose token
 * it has read, or none. Errors of the exchange are the SDK's own; one that takes more than 30 seconds ends with `DEADLINE_EXCEEDED`.
 *
 * @returns Credentials for `createIamFetch` and for clients of the AWS SDK; call `clear()` on sign-out.
 * @throws `TypeError` with the code `INVALID_OPTION`. Calls reject with an {@link IamFetchError} `LOGIN_REQUIRED`, `CLEARED`,
 *   `CALLER_CHANGED`, `ID_TOKEN_INVALID`, `NOT_AN_ID_TOKEN`, and with errors of the SDK.
 */
export function awsSdkCredentials(
  options: AwsSdkCredentialsOptions,
): CredentialsProvider & { clear(): void } {
  const region = regionIn(options)
  const { identityPoolId, role, endpoint, fetch, clock = Date } = options
  const signIns = followSignIns<Login>(loginReader(options), {
    onStatus() {},
    onChange(before, next) {
      if (next?.key !== before.key)
        cache.clear(next ? callerChanged() : (signIns.error ?? cleared()))
    },
  })
  const cache = fresh<Credentials>(
    async () => {
      const { current } = signIns
      if (!current) throw signIns.error ?? noUser()
      const { token, provider } = current.token
      const exchange = fromCognitoIdentityPool({
        identityPoolId,
        logins: { [provider]: token },
        clientConfig: {
          region,
          ...(endpoint && { endpoint }),
          ...(fetch && { requestHandler: sdkRequestHandler(fetch) }),
        },
        ...(role && { customRoleArn: role }),
      })
      const value = await withDeadline(clock, TIMEOUT_MS, 'The exchange at the identity pool', () =>
        exchange(),
      )
      const expiresAt = value.expiration?.getTime() ?? clock.now()
      return { value: setOwner({ ...value }, ownerOfRead(current)), expiresAt }
    },
    { clock },
  )
  const startCall = (read?: { forceRefresh: boolean }): ReturnType<typeof startCallOf> =>
    startCallOf(signIns, ownerOfRead, (forceRefresh) => cache.get({ forceRefresh }), read)
  return Object.assign(
    async ({ forceRefresh = false }: { forceRefresh?: boolean } = {}) => {
      const call = startCall({ forceRefresh })
      return call.get({ forceRefresh }).finally(call.close)
    },
    {
      startCall: () => startCall(),
      invalidate: (credentials: Credentials) => void cache.invalidate(credentials),
      clear() {
        signIns.clear()
        cache.clear()
      },
    },
  )
}

/** Checks the options. @returns The region of the identity pool. */
function regionIn(options: AwsSdkCredentialsOptions): string {
  const owner = 'awsSdkCredentials'
  checkOptions(owner, options, OPTION_NAMES)
  const { identityPoolId, idToken, endpoint } = options
  const region = /^[a-z]+(-[a-z]+)+-\d+(?=:\S)/.exec(identityPoolId)?.[0]
  if (!region) {
    const rule = '"identityPoolId" must be the whole ID, such as eu-central-1:GUID'
    throw invalidOption(owner, rule, identityPoolId)
  }
  if (endpoint !== undefined) checkEndpoint(owner, endpoint)
  if (typeof idToken !== 'function') {
    // Not the value: it may be a token.
    throw invalidOption(owner, '"idToken" must be a function that returns the ID token')
  }
  return region
}

/** How long an exchange may take with the SDK's retries, in milliseconds. */
const TIMEOUT_MS = 30_000

/** An ID token and whose it is. */
interface Login extends SignedIn {
  readonly token: string
  readonly provider: string
  readonly issuer: string
  readonly subject: string
}

function loginReader({
  identityPoolId,
  idToken,
  providerName,
}: AwsSdkCredentialsOptions): TokenReader<Login> {
  return async (forceRefresh, current) => {
    try {
      const token = await idToken({ forceRefresh })
      if (!token) return { ok: false, error: noUser() }
      if (token === current?.token) return { ok: true, token: current }
      const { iss, sub } = decodeIdToken(token)
      // As the pool names it. Nothing is verified here, the pool does that.
      const provider = providerName ?? iss.replace(/^https?:\/\/|\/$/g, '')
      const key = JSON.stringify([identityPoolId, provider, iss, sub])
      return { ok: true, token: { key, token, provider, issuer: iss, subject: sub } }
    } catch (cause) {
      return { ok: false, error: tokenSourceError('idToken', cause) }
    }
  }
}

const ownerOfRead = ({ token: { key, issuer, subject }, signIn }: TokenRead<Login>): Owner => ({
  key,
  issuer,
  subject,
  signIn,
})

const noUser = (): IamFetchError =>
  new IamFetchError('LOGIN_REQUIRED', '"idToken" returned no token: no user is signed in.', {
    remedy: 'Sign in, then repeat the call.',
  })

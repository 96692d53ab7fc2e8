import {
  awsDomain,
  checkOptions,
  checkSecureUrl,
  IamFetchError,
  invalidOption,
  type Clock,
  type OptionNames,
} from '@iamfetch/core'
import { cognitoCalls, type CognitoCall } from './cognito-calls.ts'
import { missing, object, objects, text, type Members } from './cognito-response.ts'
import { issuerName, poolIssuer } from './issuer-name.ts'
import { issuedSecret, type ClientPool, type IssuedSecret, type KeyIssuer } from './issuer.ts'
import { rateLimit } from './rate-limit.ts'

/** Which user pool, and how its app clients are created. */
export interface CognitoIssuerOptions {
  /** The pool whose app clients the keys are, for example `eu-central-1_AbCdEfGhI`. */
  userPoolId: string
  /** Signs for `cognito-idp`: `createIamFetch({ baseUrl: 'https://cognito-idp.<region>.amazonaws.com', credentials })`. */
  fetch: typeof globalThis.fetch
  /** Another endpoint, for a local stack or a VPC. @default the region's */
  endpoint?: string | undefined
  /** Life of the access tokens, in seconds, 300 to 86,400. @default 3600 */
  accessTokenSeconds?: number | undefined
  /**
   * Distinguishes the clients of this product from others of the pool: only those with it in their name are ever removed. Two
   * stores on one pool need two.
   *
   * @default 'developer-access'
   */
  namespace?: string | undefined
  /**
   * How keys get their tokens: `client_credentials` at the pool's domain, or `GetClientToken`, which is unverified.
   *
   * @default 'oauth'
   */
  tokens?: 'oauth' | 'client-token' | undefined
  /** @default Date */
  clock?: Clock | undefined
  /** Returns a number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
}

const OWNER = 'cognitoIssuer'
const NAMES: OptionNames<CognitoIssuerOptions> = {
  userPoolId: true,
  fetch: true,
  endpoint: true,
  accessTokenSeconds: true,
  namespace: true,
  tokens: true,
  clock: true,
  random: true,
}
const DEFAULT_NAMESPACE = 'developer-access'

/**
 * Creates an app client of a Cognito user pool for every key: standard OAuth, which every library supports.
 *
 * A pool has 1,000 app clients and accepts 5 changes per second. Each call waits for its turn here.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS: CreateUserPoolClient](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html)
 * @see [AWS: quotas](https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html)
 * @example
 * ```ts
 * const issuer = cognitoIssuer({ userPoolId: 'eu-central-1_AbCdEfGhI', fetch: iamFetch })
 * ```
 */
export function cognitoIssuer(options: CognitoIssuerOptions): KeyIssuer {
  check(options)
  const { userPoolId, fetch, clock = Date, random = Math.random } = options
  const region = userPoolId.slice(0, userPoolId.indexOf('_'))
  const url = options.endpoint ?? `https://cognito-idp.${region}.${awsDomain(region)}/`
  const waitForTurn = rateLimit(CALLS_PER_SECOND, clock)
  const call = cognitoCalls({ url, fetch, clock, waitForTurn, random })
  const pool = clientPool(call, options)
  // The second one is the issuer of a local stack whose tokens name the stack itself.
  const names = [poolIssuer(userPoolId), `${new URL(url).origin}/${userPoolId}`]
  return {
    scopes: { least: 1, most: 50 },
    issues: (tokenIssuer) => tokenIssuer === undefined || names.includes(issuerName(tokenIssuer)),
    async issue({ keyId, scopes }) {
      const created = await call('CreateUserPoolClient', clientSettings(options, keyId, scopes))
      const client = object(created, 'UserPoolClient')
      const clientId = text(client, 'ClientId')
      const value = text(client, 'ClientSecret')
      try {
        const [id] = (await pool.secretIds(clientId)) ?? []
        return { clientId, secret: issuedSecret({ id: id ?? missing('ClientSecretId') }, value) }
      } catch (error) {
        // If this fails too, the sweep finds the client by its name.
        await pool.remove(clientId).catch(() => {})
        throw notRead(error)
      }
    },
    async addSecret(clientId): Promise<IssuedSecret> {
      const input = { UserPoolId: userPoolId, ClientId: clientId }
      const secret = object(await call('AddUserPoolClientSecret', input), 'ClientSecretDescriptor')
      return issuedSecret({ id: text(secret, 'ClientSecretId') }, text(secret, 'ClientSecretValue'))
    },
    pool,
  }
}

function clientSettings(
  options: CognitoIssuerOptions,
  keyId: string,
  scopes: readonly string[],
): Members {
  const { userPoolId, namespace = DEFAULT_NAMESPACE, tokens = 'oauth' } = options
  return {
    UserPoolId: userPoolId,
    ClientName: `${namespace}.${keyId}`,
    GenerateSecret: true,
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthFlows: ['client_credentials'],
    AllowedOAuthScopes: scopes,
    // Without this setting people could sign in through the client, too.
    ExplicitAuthFlows: [
      tokens === 'oauth' ? 'ALLOW_REFRESH_TOKEN_AUTH' : 'ALLOW_CLIENT_TOKEN_AUTH',
    ],
    PreventUserExistenceErrors: 'ENABLED',
    AccessTokenValidity: options.accessTokenSeconds ?? 3_600,
    TokenValidityUnits: { AccessToken: 'seconds' },
  }
}

function clientPool(
  call: CognitoCall,
  { userPoolId, namespace = DEFAULT_NAMESPACE }: CognitoIssuerOptions,
): ClientPool {
  const inputFor = (ClientId: string) => ({ UserPoolId: userPoolId, ClientId })
  return {
    async *clients() {
      const prefix = `${namespace}.`
      let next: unknown
      let pages = 0
      do {
        if (++pages > MAX_PAGES) missing('end of the list of app clients')
        const page: Members | undefined = await call('ListUserPoolClients', {
          UserPoolId: userPoolId,
          MaxResults: 60,
          ...(next !== undefined && { NextToken: next }),
        })
        for (const client of objects(page?.['UserPoolClients'])) {
          const name = text(client, 'ClientName')
          if (!name.startsWith(prefix)) continue
          yield { keyId: name.slice(prefix.length), clientId: text(client, 'ClientId') }
        }
        next = page?.['NextToken'] ?? undefined
      } while (next !== undefined)
    },
    async secretIds(clientId) {
      const response = await call('ListUserPoolClientSecrets', inputFor(clientId))
      if (!response) return undefined
      const listed = objects(response['ClientSecrets']).map((secret) => ({
        id: text(secret, 'ClientSecretId'),
        createdAt: Number(secret['ClientSecretCreateDate']),
      }))
      return listed.toSorted((a, b) => a.createdAt - b.createdAt).map(({ id }) => id)
    },
    async dropSecret(clientId, secretId) {
      const input = { ...inputFor(clientId), ClientSecretId: secretId }
      await call('DeleteUserPoolClientSecret', input)
    },
    async setScopes(clientId, scopes) {
      const response = await call('DescribeUserPoolClient', inputFor(clientId))
      if (!response) return
      // An update resets what it leaves out to its default, so everything is sent again.
      const {
        ClientSecret: _,
        CreationDate: _c,
        LastModifiedDate: _l,
        ...settings
      } = object(response, 'UserPoolClient')
      await call('UpdateUserPoolClient', { ...settings, AllowedOAuthScopes: scopes })
    },
    async remove(clientId) {
      await call('DeleteUserPoolClient', inputFor(clientId))
    },
  }
}

/** 60 clients each. A pool has at most 10,000 app clients. */
const MAX_PAGES = 1_000

/** For the operations on the app clients of one pool. */
const CALLS_PER_SECOND = 5

function check(options: CognitoIssuerOptions): void {
  checkOptions(OWNER, options, NAMES)
  const { userPoolId, fetch, endpoint, accessTokenSeconds = 3_600, namespace, tokens } = options
  if (typeof userPoolId !== 'string' || !/^[\w-]+_[0-9a-zA-Z]+$/.test(userPoolId)) {
    throw invalidOption(OWNER, '"userPoolId" must look like eu-central-1_AbCdEfGhI', userPoolId)
  }
  if (typeof fetch !== 'function') {
    throw invalidOption(OWNER, '"fetch" must be a function that signs for cognito-idp', fetch)
  }
  if (endpoint !== undefined) checkSecureUrl(OWNER, 'endpoint', endpoint)
  const isValidity = Number.isInteger(accessTokenSeconds)
  if (!isValidity || accessTokenSeconds < 300 || accessTokenSeconds > 86_400) {
    throw invalidOption(
      OWNER,
      '"accessTokenSeconds" must be a whole number from 300 to 86400',
      accessTokenSeconds,
    )
  }
  if (namespace !== undefined && !/^[\w-]{1,60}$/.test(namespace)) {
    throw invalidOption(OWNER, '"namespace" must have 1 to 60 letters, digits, _ and -', namespace)
  }
  if (tokens !== undefined && tokens !== 'oauth' && tokens !== 'client-token') {
    throw invalidOption(OWNER, "\"tokens\" must be 'oauth' or 'client-token'", tokens)
  }
}

/** Without a status: it does not prove that there is no client. */
const notRead = (cause: unknown): Error =>
  new IamFetchError(
    'SERVICE_UNAVAILABLE',
    'The app client was created, but its secret could not be read.',
    {
      remedy: 'Create the key again. The sweep removes what is left.',
      retryable: true,
      cause,
    },
  )

import { awsDomain, IamFetchError, type Clock } from '@iamfetch/core'
import { missing, object, objects, text } from './cognito-answer.ts'
import { cognitoCalls } from './cognito-calls.ts'
import { issuedSecret, type IssuedSecret, type KeyIssuer } from './issuer.ts'
import { pace } from './pace.ts'

/** Which user pool, and how its app clients are made. */
export interface CognitoIssuerOptions {
  /** The pool whose app clients the keys are, as `eu-central-1_AbCdEfGhI`. */
  userPoolId: string
  /** Signs for `cognito-idp`: `createIamFetch({ service: 'cognito-idp', baseUrl, credentials })`. */
  fetch: typeof globalThis.fetch
  /** Another endpoint, for a local stack or a VPC. @default the region's */
  endpoint?: string | undefined
  /** Life of the access tokens, in seconds, 300 to 86,400. @default 3600 */
  accessTokenSeconds?: number | undefined
  /**
   * Tells the clients of this product from others of the pool: only what carries it in its name is ever
   * removed. Two stores on one pool need two.
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
  /** Gives a number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
}

/**
 * Makes an app client of a Cognito user pool for every key: standard OAuth, which every library speaks.
 *
 * A pool has 1,000 app clients and takes 5 changes a second; each call waits for its turn here.
 *
 * @throws {@link TypeError} for options that cannot be meant.
 * @see [AWS: CreateUserPoolClient](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html)
 * @see [AWS: quotas](https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html)
 */
export function cognitoIssuer(options: CognitoIssuerOptions): KeyIssuer {
  const {
    userPoolId,
    fetch,
    accessTokenSeconds = 3_600,
    namespace = 'developer-access',
    tokens = 'oauth',
    clock = Date,
    random = Math.random,
  } = options
  check(options)
  const region = userPoolId.slice(0, userPoolId.indexOf('_'))
  const url = options.endpoint ?? `https://cognito-idp.${region}.${awsDomain(region)}/`
  const turn = pace(CALLS_PER_SECOND, clock)
  const call = cognitoCalls({ url, fetch, clock, turn, random })
  const ofClient = (ClientId: string) => ({ UserPoolId: userPoolId, ClientId })

  const secretIds = async (clientId: string): Promise<string[] | undefined> => {
    const answer = await call('ListUserPoolClientSecrets', ofClient(clientId))
    if (!answer) return undefined
    const listed = objects(answer['ClientSecrets']).map((one) => ({
      id: text(one, 'ClientSecretId'),
      at: Number(one['ClientSecretCreateDate']),
    }))
    return listed.toSorted((one, other) => one.at - other.at).map(({ id }) => id)
  }
  const remove = async (clientId: string): Promise<void> => {
    await call('DeleteUserPoolClient', ofClient(clientId))
  }

  return {
    scopes: { least: 1, most: 50 },
    async issue({ keyId, scopes }) {
      const made = await call('CreateUserPoolClient', {
        UserPoolId: userPoolId,
        ClientName: `${namespace}.${keyId}`,
        GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: scopes,
        // Left out, people could sign in through the client too.
        ExplicitAuthFlows: [
          tokens === 'oauth' ? 'ALLOW_REFRESH_TOKEN_AUTH' : 'ALLOW_CLIENT_TOKEN_AUTH',
        ],
        PreventUserExistenceErrors: 'ENABLED',
        AccessTokenValidity: accessTokenSeconds,
        TokenValidityUnits: { AccessToken: 'seconds' },
      })
      const client = object(made, 'UserPoolClient')
      const clientId = text(client, 'ClientId')
      const value = text(client, 'ClientSecret')
      try {
        const [id] = (await secretIds(clientId)) ?? []
        return { clientId, secret: issuedSecret({ id: id ?? missing('ClientSecretId') }, value) }
      } catch (error) {
        // Not certain to succeed; then the sweeper finds it by its name.
        await remove(clientId).catch(() => {})
        throw unanswered(error)
      }
    },
    async addSecret(clientId): Promise<IssuedSecret> {
      const answer = await call('AddUserPoolClientSecret', ofClient(clientId))
      const secret = object(answer, 'ClientSecretDescriptor')
      return issuedSecret({ id: text(secret, 'ClientSecretId') }, text(secret, 'ClientSecretValue'))
    },
    pool: {
      async *clients() {
        const before = `${namespace}.`
        let next: unknown
        do {
          const page: Readonly<Record<string, unknown>> | undefined = await call(
            'ListUserPoolClients',
            {
              UserPoolId: userPoolId,
              MaxResults: 60,
              ...(next !== undefined && { NextToken: next }),
            },
          )
          for (const client of objects(page?.['UserPoolClients'])) {
            const name = text(client, 'ClientName')
            if (!name.startsWith(before)) continue
            yield { keyId: name.slice(before.length), clientId: text(client, 'ClientId') }
          }
          next = page?.['NextToken'] ?? undefined
        } while (next !== undefined)
      },
      secretIds,
      async dropSecret(clientId, secretId) {
        await call('DeleteUserPoolClientSecret', {
          ...ofClient(clientId),
          ClientSecretId: secretId,
        })
      },
      async setScopes(clientId, scopes) {
        const answer = await call('DescribeUserPoolClient', ofClient(clientId))
        if (!answer) return
        // Whatever an update leaves out goes back to its default, so everything is said again.
        const {
          ClientSecret: _,
          CreationDate: _c,
          LastModifiedDate: _l,
          ...settings
        } = object(answer, 'UserPoolClient')
        await call('UpdateUserPoolClient', { ...settings, AllowedOAuthScopes: scopes })
      },
      remove,
    },
  }
}

/** Of the operations on one pool's app clients. */
const CALLS_PER_SECOND = 5

function check(options: CognitoIssuerOptions): void {
  const {
    userPoolId,
    fetch,
    endpoint,
    accessTokenSeconds = 3_600,
    namespace = 'x',
    tokens,
  } = options
  if (!/^[\w-]+_[0-9a-zA-Z]+$/.test(userPoolId)) {
    throw new TypeError('userPoolId has the form eu-central-1_AbCdEfGhI.')
  }
  if (typeof fetch !== 'function') throw new TypeError('fetch: a fetch that signs for cognito-idp')
  if (
    endpoint !== undefined &&
    !/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/])/.test(endpoint)
  ) {
    throw new TypeError('endpoint: https is needed (http only for loopback)')
  }
  if (
    !(
      Number.isInteger(accessTokenSeconds) &&
      accessTokenSeconds >= 300 &&
      accessTokenSeconds <= 86_400
    )
  ) {
    throw new TypeError('accessTokenSeconds is a whole number from 300 to 86400.')
  }
  if (!/^[\w-]{1,60}$/.test(namespace))
    throw new TypeError('namespace: 1 to 60 letters, digits, _ and -')
  if (tokens !== undefined && tokens !== 'oauth' && tokens !== 'client-token') {
    throw new TypeError("tokens is 'oauth' or 'client-token'.")
  }
}

/** Without a status nobody takes it for certain that there is no client. */
const unanswered = (error: unknown): Error =>
  new IamFetchError('SERVICE_UNAVAILABLE', 'The app client was made, and could not be read.', {
    remedy: 'Make the key again. The sweeper removes what was left.',
    retryable: true,
    cause: error,
  })

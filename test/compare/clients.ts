import {
  ApiGatewayManagementApiClient,
  ApiGatewayManagementApiServiceException,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { fromCognitoIdentityPool } from '@aws-sdk/credential-providers'
import { cognitoCredentials } from '@iamfetch/cognito'
import { get, post } from 'aws-amplify/api'
import { fetchAuthSession, signIn as amplifySignIn, signOut } from 'aws-amplify/auth'
import { ConsoleLogger } from 'aws-amplify/utils'
import { createIamFetch } from 'iamfetch'
import { configureAmplify } from '@iamfetch/testing/amplify'
import { signIn } from '@iamfetch/testing/sign-in'
import type { World } from './world.ts'

/** A client as its own documentation sets it up, with defaults. */
export interface Client {
  signIn(name: string): Promise<void>
  /** `undefined` if the client has no sign-out. */
  signOut?(): Promise<void>
  /** A status, or the name of the error. */
  call(method: 'GET' | 'POST', api?: 'http' | 'rest'): Promise<string>
  /** The identity in use. */
  identityId(): Promise<string | undefined>
  accessKeyId(): Promise<string | undefined>
}

export const clients: Record<string, (world: World) => Client> = { iamfetch, amplify, sdk }

const nameOf = (error: unknown): string => {
  const { code, name } = Object(error)
  return String((typeof code === 'string' && code) || name)
}

function iamfetch({ stack: { config, ...stack } }: World): Client {
  let who: { name: string; token: string } | undefined
  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    endpoint: config.endpoints.cognitoIdentity,
    async idToken({ forceRefresh }) {
      if (who && forceRefresh) who.token = (await signIn({ config, ...stack }, who.name)).idToken
      return who?.token
    },
  })
  return {
    async signIn(name) {
      who = { name, token: (await signIn({ config, ...stack }, name)).idToken }
    },
    async signOut() {
      who = undefined
      credentials.clear()
    },
    async call(method, api = 'http') {
      const { region, apis } = config
      const call = createIamFetch({ baseUrl: apis[api]?.url, region, credentials })
      try {
        return String((await call('/test', { method })).status)
      } catch (error) {
        return nameOf(error)
      }
    },
    identityId: async () => (await credentials()).identityId,
    accessKeyId: async () => (await credentials()).accessKeyId,
  }
}

function amplify({ stack: { config, users } }: World): Client {
  ConsoleLogger.LOG_LEVEL = 'NONE'
  const { region, apis } = config
  const rest = Object.entries(apis).map(([name, { url }]) => [
    name,
    { endpoint: url, service: 'execute-api', region },
  ])
  configureAmplify(config, { API: { REST: Object.fromEntries(rest) } })
  return {
    async signIn(name) {
      const { username, password } = users[name]!
      await amplifySignIn({ username, password })
    },
    signOut: () => signOut(),
    async call(method, api = 'http') {
      try {
        const sent = (method === 'GET' ? get : post)({ apiName: api, path: '/test' })
        return String((await sent.response).statusCode)
      } catch (error) {
        const { response } = error as { response?: { statusCode: number } }
        return response ? String(response.statusCode) : nameOf(error)
      }
    },
    identityId: async () => (await fetchAuthSession()).identityId,
    accessKeyId: async () => (await fetchAuthSession()).credentials?.accessKeyId,
  }
}

function sdk({ stack }: World): Client {
  const { config } = stack
  const { region, userPoolId, identityPoolId, endpoints, apis } = config
  let token = ''
  let name = ''
  let credentials: ReturnType<typeof fromCognitoIdentityPool>
  let made: Record<string, ApiGatewayManagementApiClient> = {}
  return {
    async signIn(user) {
      name = user
      token = (await signIn(stack, name)).idToken
      credentials = fromCognitoIdentityPool({
        identityPoolId,
        // A function, so that it may bring a newer token; nothing tells it when one is needed.
        logins: { [`cognito-idp.${region}.amazonaws.com/${userPoolId}`]: async () => fresh() },
        clientConfig: { region, endpoint: endpoints.cognitoIdentity },
      })
      made = {}
    },
    async call(method, api = 'http') {
      const client = (made[api] ??= new ApiGatewayManagementApiClient({
        endpoint: apis[api]?.url ?? '',
        region,
        credentials,
      }))
      const ConnectionId = 'abc'
      try {
        const { $metadata } =
          method === 'GET'
            ? await client.send(new GetConnectionCommand({ ConnectionId }))
            : await client.send(new PostToConnectionCommand({ ConnectionId, Data: 'x' }))
        return String($metadata.httpStatusCode)
      } catch (error) {
        // What the API answered; everything else did not get that far.
        return error instanceof ApiGatewayManagementApiServiceException
          ? String(error.$metadata.httpStatusCode)
          : nameOf(error)
      }
    },
    async identityId() {
      const held: object | undefined = await made['http']?.config.credentials()
      return held && 'identityId' in held ? String(held.identityId) : undefined
    },
    accessKeyId: async () =>
      (await Promise.all(Object.values(made).map((one) => one.config.credentials())))[0]
        ?.accessKeyId,
  }

  /** What a page with a token store does: a new token once the stored one has expired by the page's clock. */
  async function fresh(): Promise<string> {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (exp * 1_000 <= Date.now()) token = (await signIn(stack, name)).idToken
    return token
  }
}

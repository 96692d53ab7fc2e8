import {
  cognitoCredentials,
  type CognitoCredentials,
  type CognitoOptions,
  createIamFetch,
  type FetchEvent,
  type IamFetchOptions,
} from 'iamfetch'
import { amplifyIdToken } from 'iamfetch/amplify'
import type { Devtools } from 'iamfetch/devtools'
import { createPermissions, watchPermissions, type Permissions } from 'iamfetch/permissions'
import { createAuth, type Auth } from './auth.ts'
import type { AppConfig } from './config.ts'
import table from './permissions.json' with { type: 'json' }
import { keysApi, type KeysApi } from './portal/keys-api.ts'

/** Who signs: the small engine, or the one made of AWS-authored parts. */
export type Engine = 'iamfetch' | 'aws-sdk'

/** Everything that the page works with, made once. */
export interface Session {
  config: AppConfig
  engine: Engine
  auth: Auth
  credentials: CognitoCredentials
  fetch: typeof fetch
  /** What the user may probably call, from the table that is built from the definition. */
  permissions: Permissions<keyof (typeof table)['roles']['FullAccessRole']>
  /** What the development panel shows; `undefined` in a production build. */
  devtools: Devtools | undefined
  /** Where users make keys, if the deployment has it. */
  portal: KeysApi | undefined
  /** Hears what happens to calls. @returns The function that ends it. */
  listen(listener: (event: FetchEvent) => void): () => void
}

export async function createSession(config: AppConfig, engine: Engine): Promise<Session> {
  const devtools = import.meta.env.DEV
    ? (await import('iamfetch/devtools')).createDevtools({ localStack: '/__iamfetch' })
    : undefined
  const cognitoOptions: CognitoOptions = {
    identityPoolId: config.identityPoolId,
    idToken: amplifyIdToken(),
    ...(config.endpoints?.cognitoIdentity && { endpoint: config.endpoints.cognitoIdentity }),
  }
  const credentials = cognitoCredentials(
    devtools ? devtools.observeCognito(cognitoOptions) : cognitoOptions,
  )
  const signer = engine === 'aws-sdk' ? (await import('iamfetch/aws-sdk')).awsSdkSigner : undefined
  const listeners = new Set<(event: FetchEvent) => void>()
  const fetchOptions: IamFetchOptions = {
    baseUrl: config.apis.test.url,
    region: config.region,
    credentials,
    ...(signer && { signer }),
    // In development the page explains every refusal, so it keeps what was refused as long as its response.
    ...(import.meta.env.DEV && {
      fetch: (await import('iamfetch/explain')).rememberRequests(),
    }),
    onEvent(event: FetchEvent) {
      for (const listener of listeners) listener(event)
    },
  }
  const signedFetch = devtools
    ? devtools.observeFetch(createIamFetch, fetchOptions)
    : createIamFetch(fetchOptions)
  const permissions = createPermissions(table, credentials)
  return {
    config,
    engine,
    // The credentials are cleared on sign-out, also those that are just being fetched.
    auth: createAuth(config, () => credentials.clear()),
    credentials,
    fetch: watchPermissions(permissions, signedFetch, { baseUrl: config.apis.test.url }),
    permissions,
    devtools,
    portal: keysApi(config, { credentials, signer }),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

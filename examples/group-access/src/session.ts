import {
  cognitoCredentials,
  type CognitoCredentials,
  createIamFetch,
  type FetchEvent,
} from 'iamfetch'
import { amplifyIdToken } from 'iamfetch/amplify'
import { rememberRequests } from 'iamfetch/explain'
import { createAuth, type Auth } from './auth.ts'
import type { AppConfig } from './config.ts'
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
  /** Where users make keys, if the deployment has it. */
  portal: KeysApi | undefined
  /** Hears what happens to calls. @returns The function that ends it. */
  listen(listener: (event: FetchEvent) => void): () => void
}

export async function createSession(config: AppConfig, engine: Engine): Promise<Session> {
  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    idToken: amplifyIdToken(),
    ...(config.endpoints?.cognitoIdentity && { endpoint: config.endpoints.cognitoIdentity }),
  })
  const signer = engine === 'aws-sdk' ? (await import('iamfetch/aws-sdk')).awsSdkSigner : undefined
  const listeners = new Set<(event: FetchEvent) => void>()
  const signedFetch = createIamFetch({
    baseUrl: config.apis.test.url,
    region: config.region,
    credentials,
    ...(signer && { signer }),
    // This page explains every refusal, so it keeps what was refused as long as its answer.
    fetch: rememberRequests(),
    onEvent(event: FetchEvent) {
      for (const listener of listeners) listener(event)
    },
  })
  return {
    config,
    engine,
    // A user who leaves takes the credentials along, also those that are just being fetched.
    auth: createAuth(config, () => credentials.clear()),
    credentials,
    fetch: signedFetch,
    portal: keysApi(config, { credentials, signer }),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

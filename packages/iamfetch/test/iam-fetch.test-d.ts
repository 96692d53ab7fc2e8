import { fromCognitoIdentityPool } from '@aws-sdk/credential-provider-cognito-identity'
import { createSigner } from '@iamfetch/sigv4'
import { createIamFetch, createTokenFetch, type FetchEvent } from '../src/index.ts'

const credentials = fromCognitoIdentityPool({ identityPoolId: 'eu-central-1:1' })

export const iamFetch: typeof fetch = createIamFetch({ baseUrl: 'https://a', credentials })
export const tokenFetch: typeof fetch = createTokenFetch({
  baseUrl: 'https://a',
  token: () => Promise.resolve('token'),
  fetch,
})
createIamFetch({ origins: ['https://a'], credentials, fetch, clock: Date, signer: createSigner })
createTokenFetch({
  origins: ['https://a'],
  token: async ({ forceRefresh } = {}) => `${forceRefresh}`,
})
createIamFetch({
  baseUrl: new URL('https://a'),
  credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  onEvent(event: FetchEvent) {
    if (event.type === 'signed') return event.signMs + event.attempt
    if (event.type === 'response') return event.status + event.durationMs + event.attempts
    return event.type === 'error' ? event.code : event.type
  },
})

// @ts-expect-error credentials are not optional
createIamFetch({ baseUrl: 'https://a' })
// @ts-expect-error a token is not credentials
createIamFetch({ baseUrl: 'https://a', credentials: async () => 'token' })
// @ts-expect-error credentials are not a token
createTokenFetch({ baseUrl: 'https://a', token: credentials })
// @ts-expect-error an option that is misspelt
createIamFetch({ baseURL: 'https://a', credentials })
// @ts-expect-error the parts of another platform are chosen by its own entry point
createIamFetch({ baseUrl: 'https://a', credentials, URL })
// @ts-expect-error as above
createTokenFetch({ baseUrl: 'https://a', token: async () => 'token', URL })

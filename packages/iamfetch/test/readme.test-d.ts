// The README's examples, compiled.
import { cognitoCredentials } from '@iamfetch/cognito'
import { createIamFetch, describeRefusal } from '../src/index.ts'
import { amplifyIdToken, clearWithAmplify, toAmplifyCredentialsProvider } from '../src/amplify.ts'
import { awsSdkCredentials } from '../src/aws-sdk-credentials.ts'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { Amplify } from 'aws-amplify'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'

declare const identityPoolId: string
declare const baseUrl: string
const idToken = amplifyIdToken()

const credentials = cognitoCredentials({ identityPoolId, idToken: amplifyIdToken() })
clearWithAmplify(credentials)
const iamFetch = createIamFetch({
  baseUrl: 'https://abc123.execute-api.eu-central-1.amazonaws.com/prod',
  credentials,
})
const response = await iamFetch('/test', { method: 'POST', body: JSON.stringify({ a: 1 }) })
if (response.status === 403) console.warn((await describeRefusal(response)).message)

const theirs = awsSdkCredentials({ identityPoolId, idToken })
clearWithAmplify(theirs)
export const other: typeof fetch = createIamFetch({
  baseUrl,
  credentials: theirs,
  signer: awsSdkSigner,
})

Amplify.configure(
  {},
  {
    Auth: {
      tokenProvider: cognitoUserPoolsTokenProvider,
      credentialsProvider: toAmplifyCredentialsProvider(credentials),
    },
  },
)

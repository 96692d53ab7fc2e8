import { createHmac } from 'node:crypto'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { SessionCredentials } from '../../src/iam/sessions.ts'
import type { LocalStack } from '../../src/local-stack.ts'

/** The AWS SDK's client of the user pool of a stack. Without credentials for calls that need no signature. */
export const cognitoClient = (
  { config }: LocalStack,
  credentials: SessionCredentials = {
    accessKeyId: 'x',
    secretAccessKey: 'x',
    sessionToken: 'x',
  },
): CognitoIdentityProviderClient =>
  new CognitoIdentityProviderClient({
    region: config.region,
    endpoint: config.endpoints.cognitoIdp,
    credentials,
    maxAttempts: 1,
  })

/** `SECRET_HASH` as AWS's page computes it. */
export const secretHash = (secret: string, username: string, clientId: string): string =>
  createHmac('sha256', secret)
    .update(username + clientId)
    .digest('base64')

/** The claims of a JWT, not verified. */
export const claimsOf = (token: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())

// A consumer as Lambda functions: its configuration is in the environment, and so are its role's credentials.
import type { Credentials } from 'iamfetch'
import { createConsumer, type Answer, type Consumer } from './consumer.ts'

/** The variables that a deployment sets. Lambda itself sets the region and the credentials. */
export type ConsumerVariable = 'PROVIDER_URL' | 'TOKEN_URL' | 'CLIENT_ID' | 'SECRET_ID'

/** Calls without a token. */
export const unauthorizedRead = (): Promise<Answer> => consumer().unauthorizedRead()

/** Calls with a token for `premium/read`. */
export const authorizedRead = (): Promise<Answer> => consumer().authorizedRead()

/** Calls with a token for `premium/write`. */
export const authorizedWrite = (): Promise<Answer> => consumer().authorizedWrite()

/** Made at the first call and kept for as long as Lambda keeps the process: that is what saves the tokens. */
let made: Consumer | undefined
const consumer = (): Consumer => {
  const region = variable('AWS_REGION')
  return (made ??= createConsumer({
    region,
    providerUrl: variable('PROVIDER_URL'),
    tokenUrl: variable('TOKEN_URL'),
    clientId: variable('CLIENT_ID'),
    secretId: variable('SECRET_ID'),
    secretsManagerUrl:
      process.env['SECRETS_MANAGER_URL'] ?? `https://secretsmanager.${region}.amazonaws.com`,
    credentials: roleCredentials,
  }))
}

const roleCredentials = (): Promise<Credentials> =>
  Promise.resolve({
    accessKeyId: variable('AWS_ACCESS_KEY_ID'),
    secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    sessionToken: variable('AWS_SESSION_TOKEN'),
  })

function variable(name: ConsumerVariable | `AWS_${string}`): string {
  const value = process.env[name]
  if (!value) throw new Error(`The environment variable ${name} is not set.`)
  return value
}

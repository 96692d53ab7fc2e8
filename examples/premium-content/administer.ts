import { createIamFetch } from 'iamfetch'
import type { Tenant } from './access.ts'
import type { PremiumContent } from './start.ts'

/** What an administrator does with a tenant's app client, by AWS's own operations. */
export interface Administration {
  /** Adds a second secret; both are good from then on. */
  addSecret: () => Promise<{ id: string; value: string }>
  /** Stores a value as the current one in Secrets Manager; the previous value becomes `AWSPREVIOUS`. */
  storeSecret: (clientSecret: string) => Promise<void>
  /** The IDs of the secrets, the oldest first. */
  listSecrets: () => Promise<string[]>
  deleteSecret: (id: string) => Promise<void>
  /** Deletes the app client: no more tokens. Those that it has live to their end. */
  revoke: () => Promise<void>
}

/** Signs those operations with the administrator's credentials. */
export function administer({ stack, clock }: PremiumContent, tenant: Tenant): Administration {
  const { config, admin, appClients } = stack
  const { region, endpoints, userPoolId } = config
  const { clientId } = appClients[tenant]
  const sender = (baseUrl: string, service: string, prefix: string) => {
    const signed = createIamFetch({ baseUrl, service, region, credentials: admin, clock })
    return async <Result>(operation: string, input: object): Promise<Result> => {
      const response = await signed('/', {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `${prefix}.${operation}`,
        },
        body: JSON.stringify(input),
      })
      const answer = await response.json()
      if (response.ok) return answer
      // Secrets Manager spells the member `Message`, Cognito `message`.
      const { __type: type, message, Message = message } = answer
      throw new Error(`${operation}: ${type} ${Message}`)
    }
  }
  const cognito = sender(endpoints.cognitoIdp, 'cognito-idp', 'AWSCognitoIdentityProviderService')
  const secrets = sender(endpoints.secretsManager, 'secretsmanager', 'secretsmanager')
  const client = { UserPoolId: userPoolId, ClientId: clientId }

  interface Descriptor {
    ClientSecretId: string
    ClientSecretValue: string
  }
  return {
    async addSecret() {
      const { ClientSecretDescriptor: added } = await cognito<{
        ClientSecretDescriptor: Descriptor
      }>('AddUserPoolClientSecret', client)
      return { id: added.ClientSecretId, value: added.ClientSecretValue }
    },
    async storeSecret(clientSecret) {
      const SecretString = JSON.stringify({ clientId, clientSecret })
      // Required, though SDKs add it by themselves. A call that is sent again with the same token is one call.
      const ClientRequestToken = crypto.randomUUID()
      await secrets('PutSecretValue', { SecretId: tenant, SecretString, ClientRequestToken })
    },
    async listSecrets() {
      const { ClientSecrets: all } = await cognito<{ ClientSecrets: Descriptor[] }>(
        'ListUserPoolClientSecrets',
        client,
      )
      return all.map(({ ClientSecretId }) => ClientSecretId)
    },
    async deleteSecret(id) {
      await cognito('DeleteUserPoolClientSecret', { ...client, ClientSecretId: id })
    },
    async revoke() {
      await cognito('DeleteUserPoolClient', client)
    },
  }
}

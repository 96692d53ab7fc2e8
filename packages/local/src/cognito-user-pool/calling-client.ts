import { refuse, textOf } from '../aws-json/service-error.ts'
import type { AppClient, AppClients } from './app-clients.ts'

/**
 * Finds the app client of a call by its `ClientId`.
 *
 * @throws A refusal unless there is such a client.
 */
export function callingClient(clients: AppClients, input: Record<string, unknown>): AppClient {
  const clientId = textOf(input, 'ClientId')
  if (!clientId) throw refuse('InvalidParameterException', 'Missing required parameter ClientId')
  const client = clients.find(clientId)
  if (client) return client
  throw refuse('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
}

/**
 * Checks the `SECRET_HASH` of a call: base64(HMAC-SHA256(client secret, user name + client ID)). A client with a secret
 * needs it, and one without a secret must not send it.
 *
 * @param names  The names that the hash may be made with: the one of the call, and those that the user has. `undefined` if
 *   the user is not known, for example behind an unknown refresh token: then the hash only has to be there.
 * @throws A refusal in Cognito's words (pmill/aws-cognito#23 for a client without a secret).
 * @see [AWS: computing secret hash values](https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash)
 */
export function checkSecretHash(
  clients: AppClients,
  client: AppClient,
  hash: string | undefined,
  names: readonly string[] | undefined,
): void {
  const { clientId, secrets } = client
  if (secrets.length === 0) {
    if (hash === undefined) return
    throw refuse(
      'InvalidParameterException',
      `App client ${clientId} is not configured for secret but secret hash was received`,
    )
  }
  if (hash === undefined) {
    throw refuse(
      'NotAuthorizedException',
      `Client ${clientId} is configured with secret but SECRET_HASH was not received`,
    )
  }
  if (names === undefined || clients.hasSecretHash(client, hash, names)) return
  throw refuse(
    'NotAuthorizedException',
    `Unable to verify secret hash for client ${clientId}`,
    'SECRET_HASH is not base64(HMAC-SHA256(client secret, user name + client ID))',
  )
}

/** As {@link checkSecretHash}, for operations that take the secret itself in `ClientSecret`. */
export function checkClientSecret(
  clients: AppClients,
  client: AppClient,
  secret: string | undefined,
): void {
  const fault = clientSecretFault(clients, client, secret)
  if (fault === undefined) return
  throw refuse('NotAuthorizedException', 'Unable to verify secret for client.', fault)
}

/** Describes what is wrong with the secret of a call. `undefined` if nothing is. */
export function clientSecretFault(
  clients: AppClients,
  client: AppClient,
  secret: string | undefined,
): string | undefined {
  if (client.secrets.length === 0) {
    return secret === undefined ? undefined : 'the app client has no secret'
  }
  const isRight = secret !== undefined && clients.hasSecret(client, secret)
  return isRight ? undefined : 'the client secret is wrong or missing'
}

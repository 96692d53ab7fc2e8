import type { AdministratorOperation } from './administrator.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import type { Ids } from '../ids.ts'
import type { Random } from '../random.ts'
import { refuse, textOf, textsOf } from '../aws-json/service-error.ts'
import {
  drawClientSecret,
  type AppClient,
  type AppClients,
  type ClientSecret,
} from './app-clients.ts'
import { clientAdministration } from './client-administration.ts'
import { grantedScopes, type MachineTokens } from './machine-tokens.ts'

/** What the operations on app clients need. */
export interface ClientOperations {
  ids: Ids
  clients: AppClients
  tokens: MachineTokens
  administrator: AdministratorOperation
  /** Of the resource servers, as `resource server/scope`. */
  scopes: readonly string[]
  random: Random
}

/**
 * The user pool's operations on app clients: a token for one, the rotation of its secret, and what else an
 * administrator does to them.
 *
 * `GetClientToken` is open, as the secret is the proof. The others are an administrator's: they are taken with a
 * SigV4 signature for `cognito-idp` by credentials whose policy allows them, and refused without one.
 *
 * @see [AWS: GetClientToken](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetClientToken.html)
 * @see [AWS: AddUserPoolClientSecret](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AddUserPoolClientSecret.html)
 */
// oxlint-disable-next-line max-lines-per-function -- short methods that share the state of the closure
export function clientOperations(options: ClientOperations): Record<string, Operation> {
  const { clients, tokens, random, administrator } = options
  const onClient = (name: string, run: (client: AppClient, input: Input) => unknown): Operation =>
    administrator(name, (input) => run(clientOf(clients, input), input))

  return {
    ...clientAdministration({
      ...options,
      clientOf: (input) => clientOf(clients, input),
    }),
    async GetClientToken(input) {
      const client = clientOf(clients, input)
      if (!clients.hasSecret(client, textOf(input, 'Secret') ?? '')) {
        throw refuse(
          'NotAuthorizedException',
          'Unable to verify secret for client.',
          'the client secret is wrong',
        )
      }
      if (!client.clientToken) {
        throw refuse(
          'OperationNotEnabledException',
          'ALLOW_CLIENT_TOKEN_AUTH is not enabled for the client.',
        )
      }
      textsOf(input, 'ClientMetadata')
      const chosen = grantedScopes(client, scopesOf(input))
      if (!chosen.ok) {
        // unverified: which exception. The operation's page has no other that fits.
        const reason = `the client may have [${client.scopes.join(' ')}], not ${chosen.refusal}`
        throw refuse('InvalidParameterException', 'Invalid scope requested.', reason)
      }
      return {
        ClientAuthenticationResult: {
          AccessToken: await tokens.mint(client, chosen.value),
          ExpiresIn: client.accessTokenSeconds,
          TokenType: 'Bearer',
        },
      }
    },
    AddUserPoolClientSecret: onClient('AddUserPoolClientSecret', (client, input) => {
      const custom = textOf(input, 'ClientSecret')
      if (custom !== undefined && !/^[\w+]{24,64}$/.test(custom)) {
        throw refuse(
          'InvalidParameterException',
          'ClientSecret has to have 24 to 64 letters, digits, _ and +.',
        )
      }
      const value = custom ?? drawClientSecret(random)
      const secret = clients.addSecret(client, value)
      if (!secret) {
        throw refuse('LimitExceededException', 'An app client has at most two secrets.')
      }
      // A secret of the caller's own is never said back.
      const shownSecret = custom === undefined ? { ClientSecretValue: value } : {}
      return { ClientSecretDescriptor: { ...describe(secret), ...shownSecret } }
    }),
    ListUserPoolClientSecrets: onClient('ListUserPoolClientSecrets', ({ secrets }) => ({
      ClientSecrets: secrets.map(describe),
    })),
    DeleteUserPoolClientSecret: onClient('DeleteUserPoolClientSecret', (client, input) => {
      const id = textOf(input, 'ClientSecretId') ?? ''
      if (!client.secrets.some((secret) => secret.id === id)) {
        throw refuse('ResourceNotFoundException', 'The app client has no such secret.')
      }
      if (client.secrets.length === 1) {
        throw refuse('InvalidParameterException', 'The last secret of an app client stays.')
      }
      clients.removeSecret(client, id)
      return {}
    }),
    DeleteUserPoolClient: onClient('DeleteUserPoolClient', (client) => {
      clients.remove(client)
      return {}
    }),
  }
}

type Input = Record<string, unknown>

function clientOf(clients: AppClients, input: Input): AppClient {
  const clientId = textOf(input, 'ClientId')
  if (!clientId) throw refuse('InvalidParameterException', 'Missing required parameter ClientId')
  const client = clients.find(clientId)
  if (client) return client
  throw refuse('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
}

const describe = ({ id, createdAt }: ClientSecret): Record<string, unknown> => ({
  ClientSecretId: id,
  ClientSecretCreateDate: createdAt / 1_000,
})

function scopesOf(input: Input): string[] {
  const scopes: unknown = input['Scopes'] ?? []
  if (Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string')) return scopes
  throw refuse('SerializationException', 'Scopes has to be a list of strings')
}

import type { AdministratorOperation } from './administrator.ts'
import type { Operation } from '../aws-json/aws-json.ts'
import type { Ids } from '../ids.ts'
import type { Random } from '../random.ts'
import { refuse, textOf } from '../aws-json/service-error.ts'
import { drawClientSecret, type AppClient, type AppClients } from './app-clients.ts'
import { readClientSettings } from './client-settings.ts'

/** What the operations need. */
export interface ClientAdministration {
  ids: Ids
  clients: AppClients
  administrator: AdministratorOperation
  clientOf: (input: Record<string, unknown>) => AppClient
  /** Of the resource servers. */
  scopes: readonly string[]
  random: Random
}

/** Cognito's limit, unless AWS raises it. */
const MOST_CLIENTS = 1_000

/**
 * The user pool's operations that create, show and change app clients of machines. The one that people sign in with
 * is not among them.
 *
 * @see [AWS: CreateUserPoolClient](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html)
 * @see [AWS: UpdateUserPoolClient](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html)
 */
// oxlint-disable-next-line max-lines-per-function -- short methods that share the state of the closure
export function clientAdministration({
  ids,
  clients,
  administrator,
  clientOf,
  scopes,
  random,
}: ClientAdministration): Record<string, Operation> {
  const { userPoolId } = ids
  const describe = ({
    name,
    clientId,
    settings,
    shownSecret,
    createdAt,
    changedAt,
  }: AppClient) => ({
    UserPoolClient: {
      ...settings,
      UserPoolId: userPoolId,
      ClientId: clientId,
      ClientName: name,
      // The first one, as long as it is there: none that was added later takes its place.
      ...(shownSecret !== undefined && { ClientSecret: shownSecret }),
      CreationDate: createdAt / 1_000,
      LastModifiedDate: changedAt / 1_000,
    },
  })

  return {
    CreateUserPoolClient: administrator('CreateUserPoolClient', (input) => {
      const name = nameOf(input)
      const hasSecret = input['GenerateSecret'] === true
      const rights = readClientSettings(input, scopes, hasSecret)
      if (clients.all().length >= MOST_CLIENTS) {
        throw refuse('LimitExceededException', 'Maximum number of clients exceeded.')
      }
      return describe(clients.add(name, rights, hasSecret ? drawClientSecret(random) : undefined))
    }),
    DescribeUserPoolClient: administrator('DescribeUserPoolClient', (input) =>
      describe(clientOf(input)),
    ),
    UpdateUserPoolClient: administrator('UpdateUserPoolClient', (input) => {
      const client = clientOf(input)
      const rights = readClientSettings(input, scopes, client.secrets.length > 0)
      const name = input['ClientName'] === undefined ? client.name : nameOf(input)
      return describe(clients.change(client, name, rights))
    }),
    ListUserPoolClients: administrator('ListUserPoolClients', (input) => {
      const limit = input['MaxResults'] ?? 60
      if (!(Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= 60)) {
        throw refuse('InvalidParameterException', 'MaxResults is 1 to 60.')
      }
      const after = textOf(input, 'NextToken') ?? ''
      const remaining = clients
        .all()
        .filter(({ clientId }) => clientId > after)
        .toSorted((first, second) => (first.clientId < second.clientId ? -1 : 1))
      const page = remaining.slice(0, Number(limit))
      return {
        UserPoolClients: page.map(({ clientId, name }) => ({
          ClientId: clientId,
          ClientName: name,
          UserPoolId: userPoolId,
        })),
        ...(page.length < remaining.length && { NextToken: page.at(-1)?.clientId }),
      }
    }),
  }
}

function nameOf(input: Record<string, unknown>): string {
  const name = textOf(input, 'ClientName')
  if (name !== undefined && /^[\w\s+=,.@-]{1,128}$/.test(name)) return name
  throw refuse('InvalidParameterException', 'ClientName has 1 to 128 letters, digits and +=,.@-')
}

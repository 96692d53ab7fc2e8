import type { Clock } from '@iamfetch/core'

/** An app client as the fake has it. */
export interface FakeClient {
  settings: Record<string, unknown>
  name: string
  scopes: string[]
  secrets: { id: string; value: string; at: number }[]
  /** What was there before is what Describe tells. */
  described?: string | undefined
}

/** A user pool's app clients, as far as keys need them. */
export interface FakePool {
  fetch: typeof globalThis.fetch
  clients: Map<string, FakeClient>
  /** The operations that came, in order. */
  calls: string[]
  /** Whether client ID and secret would get a token. */
  takes(clientId: string, secret: string): boolean
}

const USER_POOL = 'eu-central-1_FakePool1'
export const userPoolId: string = USER_POOL

/**
 * A stand-in for Cognito's operations on app clients: at most two secrets, never none, an update that resets what it
 * leaves out, pages of a list, a quota of clients and one of calls in a second.
 */
export function fakePool(
  clock: Clock,
  { mostClients = 1_000, perSecond = Infinity }: { mostClients?: number; perSecond?: number } = {},
): FakePool {
  const clients = new Map<string, FakeClient>()
  const calls: string[] = []
  const starts: number[] = []
  let serial = 0

  const addSecret = (clientId: string, client: FakeClient) => {
    if (client.secrets.length === 2) throw new Refused('LimitExceededException')
    const at = clock.now() / 1_000 + ++serial / 1e6
    const secret = { id: `${clientId}--${serial}`, value: `secret+${serial}_of_${clientId}`, at }
    client.secrets.push(secret)
    return secret
  }
  const operations: Record<string, (input: Record<string, unknown>) => unknown> = {
    CreateUserPoolClient({ ClientName, GenerateSecret, ...input }) {
      const settings = Object.fromEntries(
        Object.entries(input).filter(([name]) => name !== 'UserPoolId'),
      )
      if (clients.size >= mostClients) throw new Refused('LimitExceededException')
      if (!/^[\w\s+=,.@-]{1,128}$/.test(String(ClientName))) throw invalid('ClientName')
      if (GenerateSecret !== true) throw invalid('GenerateSecret')
      const clientId = `client${++serial}x`
      const scopes = scopesOf(settings)
      const client: FakeClient = { settings, name: String(ClientName), scopes, secrets: [] }
      clients.set(clientId, client)
      const { value } = addSecret(clientId, client)
      client.described = value
      return { UserPoolClient: describe(clientId, client) }
    },
    DescribeUserPoolClient: (input) => ({ UserPoolClient: describe(...named(clients, input)) }),
    UpdateUserPoolClient({ UserPoolId, ClientId, ClientName, ...settings }) {
      const [clientId, client] = named(clients, { UserPoolId, ClientId })
      for (const readOnly of ['ClientSecret', 'CreationDate', 'LastModifiedDate']) {
        if (readOnly in settings) throw invalid(readOnly)
      }
      client.settings = settings
      client.name = typeof ClientName === 'string' ? ClientName : ''
      client.scopes = scopesOf(settings)
      return { UserPoolClient: describe(clientId, client) }
    },
    DeleteUserPoolClient(input) {
      clients.delete(named(clients, input)[0])
    },
    ListUserPoolClients({ MaxResults, NextToken }) {
      const all = [...clients].toSorted(([one], [other]) => (one < other ? -1 : 1))
      const after = all.filter(
        ([clientId]) => clientId > (typeof NextToken === 'string' ? NextToken : ''),
      )
      const page = after.slice(0, Math.min(Number(MaxResults), 60))
      const last = page.at(-1)?.[0]
      return {
        UserPoolClients: page.map(([ClientId, { name }]) => ({ ClientId, ClientName: name })),
        ...(page.length < after.length && { NextToken: last }),
      }
    },
    AddUserPoolClientSecret(input) {
      const [clientId, client] = named(clients, input)
      const { id, value, at } = addSecret(clientId, client)
      return {
        ClientSecretDescriptor: {
          ClientSecretId: id,
          ClientSecretValue: value,
          ClientSecretCreateDate: at,
        },
      }
    },
    ListUserPoolClientSecrets(input) {
      const [, { secrets }] = named(clients, input)
      // In no order that anybody promised.
      return {
        ClientSecrets: secrets
          .toReversed()
          .map(({ id, at }) => ({ ClientSecretId: id, ClientSecretCreateDate: at })),
      }
    },
    DeleteUserPoolClientSecret(input) {
      const [, client] = named(clients, input)
      const kept = client.secrets.filter(({ id }) => id !== input['ClientSecretId'])
      if (kept.length === client.secrets.length) throw new Refused('ResourceNotFoundException')
      if (kept.length === 0) throw invalid('ClientSecretId')
      client.secrets = kept
      if (!kept.some(({ value }) => value === client.described)) client.described = undefined
    },
  }

  const answer = (target: string, body: string): Response => {
    const operation = target.replace('AWSCognitoIdentityProviderService.', '')
    calls.push(operation)
    starts.push(clock.now())
    try {
      const recent = starts.filter((at) => at > clock.now() - 1_000)
      if (recent.length > perSecond) throw new Refused('TooManyRequestsException')
      const input: Record<string, unknown> = JSON.parse(body)
      if (input['UserPoolId'] !== USER_POOL) {
        throw new Refused('ResourceNotFoundException', 'User pool x does not exist.')
      }
      const said = operations[operation]?.(input)
      return new Response(said === undefined ? '' : JSON.stringify(said))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { type, message } = error
      return Response.json({ __type: type, message }, { status: 400 })
    }
  }
  return {
    clients,
    calls,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      return answer(request.headers.get('x-amz-target') ?? '', await request.text())
    },
    takes: (clientId, secret) =>
      clients.get(clientId)?.secrets.some(({ value }) => value === secret) ?? false,
  }
}

class Refused extends Error {
  readonly type: string
  constructor(type: string, message: string = type) {
    super(message)
    this.type = type
  }
}

const invalid = (what: string): Refused => new Refused('InvalidParameterException', what)

const scopesOf = ({ AllowedOAuthScopes: scopes }: Record<string, unknown>): string[] =>
  Array.isArray(scopes) ? scopes.map(String) : []

function named(
  clients: Map<string, FakeClient>,
  { ClientId }: Record<string, unknown>,
): [clientId: string, client: FakeClient] {
  const clientId = String(ClientId)
  const client = clients.get(clientId)
  if (client) return [clientId, client]
  throw new Refused('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
}

const describe = (ClientId: string, { settings, name, described }: FakeClient): object => ({
  ...settings,
  UserPoolId: USER_POOL,
  ClientId,
  ClientName: name,
  CreationDate: 1,
  LastModifiedDate: 1,
  ...(described !== undefined && { ClientSecret: described }),
})

import {
  createHash,
  createHmac,
  createSecretKey,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto'
import type { AppClientDefinition } from '../definition/user-pool.ts'
import type { Clock } from '../faults/faults.ts'
import { DIGITS, drawText, LOWER, UPPER, type Random } from '../random.ts'
import { machineSettings, rightsOf, type ClientRights } from './client-settings.ts'

/** A secret of an app client. */
export interface ClientSecret {
  /** `<client ID>--<milliseconds>` */
  readonly id: string
  readonly hash: Uint8Array
  /** The secret as a key, for `SECRET_HASH`. A key object does not show its value in logs or JSON. */
  readonly key: KeyObject
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** An app client of the user pool. Its rights say whether machines or people use it. */
export interface AppClient extends Readonly<ClientRights> {
  /** Its name in the definition, or the one that it was created with. */
  readonly name: string
  readonly clientId: string
  /** One, or two while a rotation is under way. */
  readonly secrets: readonly ClientSecret[]
  /** The secret that it was created with, until that is removed: an administrator may read it. */
  readonly shownSecret?: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly changedAt: number
}

/** The app clients of a user pool. */
export interface AppClients {
  find(clientId: string): AppClient | undefined
  /** Those that are there now. */
  all(): readonly AppClient[]
  /** Creates another one. */
  add(name: string, rights: ClientRights, secret: string | undefined, clientId?: string): AppClient
  change(client: AppClient, name: string, rights: ClientRights): AppClient
  hasSecret(client: AppClient, secret: string): boolean
  /** Whether it is the `SECRET_HASH` of one of these names: base64(HMAC-SHA256(secret, name + client ID)). */
  hasSecretHash(client: AppClient, hash: string, names: readonly string[]): boolean
  /** @returns The new secret; `undefined` if the client has two already. */
  addSecret(client: AppClient, secret: string): ClientSecret | undefined
  /** @returns Whether there was such a secret. The calling code makes sure that one remains. */
  removeSecret(client: AppClient, secretId: string): boolean
  remove(client: AppClient): void
  /** Those of the definition: the audience that JWT authorizers were set up with neither shrinks nor grows. */
  readonly clientIds: readonly string[]
  /** What the clients of the definition begin with. */
  readonly given: Readonly<Record<string, GivenClient>>
}

/** What an app client needs for getting tokens, for the program that started the stack. */
export interface GivenClient {
  clientId: string
  clientSecret: string
}

/** Cognito's limit. */
const MOST_SECRETS = 2

/** What app clients need in addition to their definitions. */
interface AppClientsOptions {
  clock: Clock
  random: Random
  /** What those of an earlier stack began with. */
  known?: Readonly<Record<string, GivenClient>> | undefined
}

/** Creates the app clients of a definition, each with a secret. */
// oxlint-disable-next-line max-lines-per-function -- short methods that share the state of the closure
export function createAppClients(
  definitions: Readonly<Record<string, AppClientDefinition>>,
  { clock, random, known = {} }: AppClientsOptions,
): AppClients {
  const clients = new Map<string, AppClient>()
  const given: Record<string, GivenClient> = {}

  const addSecret = (client: AppClient, value: string): ClientSecret | undefined => {
    const { secrets, clientId } = client
    if (secrets.length >= MOST_SECRETS) return undefined
    // The moment is in the ID, so two secrets of one moment need two.
    const createdAt = Math.max(clock.now(), ...secrets.map((secret) => secret.createdAt + 1))
    const secret = {
      id: `${clientId}--${createdAt}`,
      hash: hashOf(value),
      key: keyOf(value),
      createdAt,
    }
    clients.set(clientId, { ...client, secrets: [...secrets, secret] })
    return secret
  }

  const add = (
    name: string,
    rights: ClientRights,
    secret: string | undefined,
    clientId: string = drawText(random, LOWER + DIGITS, 26),
  ): AppClient => {
    const now = clock.now()
    const client = { ...rights, name, clientId, secrets: [], createdAt: now, changedAt: now }
    clients.set(clientId, { ...client, ...(secret !== undefined && { shownSecret: secret }) })
    if (secret !== undefined) addSecret(clients.get(clientId) ?? client, secret)
    return clients.get(clientId) ?? client
  }

  for (const [name, { scopes, accessTokenSeconds = 3_600, clientId: fixed }] of Object.entries(
    definitions,
  )) {
    const before = Object.hasOwn(known, name) ? known[name] : undefined
    const clientSecret = before?.clientSecret ?? drawClientSecret(random)
    const settings = machineSettings(scopes, accessTokenSeconds)
    const may = { oauth: true, clientCredentials: true, clientToken: true }
    const rights = { ...rightsOf(settings), scopes, accessTokenSeconds, ...may }
    const { clientId } = add(name, rights, clientSecret, fixed ?? before?.clientId)
    given[name] = { clientId, clientSecret }
  }
  const clientIds = [...clients.keys()]

  return {
    given,
    clientIds,
    find: (clientId) => clients.get(clientId),
    all: () => [...clients.values()],
    add,
    change(client, name, rights) {
      const changed = { ...client, ...rights, name, changedAt: clock.now() }
      clients.set(client.clientId, changed)
      return changed
    },
    hasSecret({ secrets }, value) {
      const hash = hashOf(value)
      return secrets.some((secret) => timingSafeEqual(secret.hash, hash))
    },
    hasSecretHash({ secrets, clientId }, secretHash, names) {
      const bytes = Buffer.from(secretHash, 'base64')
      return secrets.some(({ key }) =>
        names.some((name) => {
          const right = createHmac('sha256', key)
            .update(name + clientId)
            .digest()
          return bytes.length === right.length && timingSafeEqual(bytes, right)
        }),
      )
    },
    addSecret,
    removeSecret(client, secretId) {
      const secrets = client.secrets.filter(({ id }) => id !== secretId)
      const { shownSecret = '' } = client
      const isShown = secrets.some(({ hash }) => timingSafeEqual(hash, hashOf(shownSecret)))
      clients.set(client.clientId, {
        ...client,
        secrets,
        ...(!isShown && { shownSecret: undefined }),
      })
      return secrets.length < client.secrets.length
    },
    remove: ({ clientId }) => void clients.delete(clientId),
  }
}

/** A secret in Cognito's form. */
export const drawClientSecret = (random: Random): string =>
  drawText(random, LOWER + UPPER + DIGITS, 51)

const keyOf = (value: string): KeyObject => createSecretKey(Buffer.from(value))

const hashOf = (value: string): Uint8Array => createHash('sha256').update(value).digest()

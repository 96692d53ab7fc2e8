import { createIamFetch, describeRefusal, IamFetchError, type IamFetchOptions } from 'iamfetch'
import { amplifyIdToken } from 'iamfetch/amplify'
import { withIdToken } from 'iamfetch/id-token'
import type { AppConfig } from '../config.ts'
import { holdSecret, type HeldSecret } from './held-secret.ts'

/** A key as the API tells it; moments are ISO texts. */
export interface Key {
  id: string
  clientId: string
  label: string
  scopes: readonly string[]
  status: 'active' | 'expired' | 'revoked'
  secrets: readonly { last4: string; createdAt: string; expiresAt?: string }[]
  createdAt: string
  expiresAt?: string
  lastUsedAt?: string
  revokedAt?: string
  reason?: string
}

/** Something that happened to a key. */
export interface KeyEvent {
  type: 'created' | 'changed' | 'rotated' | 'secret-retired' | 'revoked' | 'expired'
  at: string
  by: string
  detail?: { graceSeconds?: number; reason?: string; scopes?: readonly string[] }
}

/** A key whose secret was just made. Without one the answer came a second time: the secret was in the first. */
export interface Fresh {
  key: Key
  secret?: HeldSecret
}

/** What the API keeps for a user; keys reach it too. */
export interface Note {
  text: string
  by: string
  at: string | number
}

/** What a new key shall be. */
export interface Wanted {
  label: string
  scopes: readonly string[]
  expiresInSeconds?: number
}

/** The portal's API, called with signatures; the ID token goes along and tells it the user's name and groups. */
export interface KeysApi {
  /** Where keys are exchanged for tokens, and where these are good. For the lines that users copy. */
  readonly tokenUrl: string
  readonly notesUrl: string
  scopes(): Promise<readonly string[]>
  keys(): Promise<readonly Key[]>
  make(wanted: Wanted, once: string): Promise<Fresh>
  rotate(id: string, graceSeconds: number, once: string): Promise<Fresh>
  revoke(id: string, reason: string): Promise<Key>
  events(id: string): Promise<readonly KeyEvent[]>
  notes(): Promise<readonly Note[]>
}

/** @returns `undefined` if the deployment has no portal. */
export function keysApi(
  { region, apis, endpoints }: AppConfig,
  { credentials, signer }: Pick<IamFetchOptions, 'credentials' | 'signer'>,
): KeysApi | undefined {
  const baseUrl = apis.portal?.url
  const oauth = endpoints?.oauth
  if (!baseUrl || !oauth) return undefined
  const send = createIamFetch({
    baseUrl,
    region,
    credentials,
    signer,
    beforeSign: withIdToken(amplifyIdToken()),
  })

  const ask = async <T>(path: string, method = 'GET', body?: object, once?: string): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...(once && { 'idempotency-key': once }) }
    const response = await send(path, {
      method,
      ...(body && { headers, body: JSON.stringify(body) }),
    })
    if (!response.ok) throw await refusalOf(response)
    return (await response.json()) as T
  }
  const fresh = ({ key, secret }: { key: Key; secret?: string }): Fresh => ({
    key,
    ...(secret && { secret: holdSecret(secret) }),
  })
  return {
    tokenUrl: `${oauth}/oauth2/token`,
    notesUrl: `${baseUrl}/notes`,
    scopes: async () => (await ask<{ scopes: string[] }>('/me')).scopes,
    keys: async () => (await ask<{ keys: Key[] }>('/keys')).keys,
    make: async (wanted, once) => fresh(await ask('/keys', 'POST', wanted, once)),
    rotate: async (id, graceSeconds, once) =>
      fresh(await ask(`/keys/${id}/rotate`, 'POST', { graceSeconds }, once)),
    revoke: async (id, reason) =>
      (await ask<{ key: Key }>(`/keys/${id}`, 'DELETE', reason ? { reason } : {})).key,
    events: async (id) => (await ask<{ events: KeyEvent[] }>(`/keys/${id}/events`)).events,
    notes: async () => (await ask<{ notes: Note[] }>('/my/notes')).notes,
  }
}

/** The portal says what is wrong and what to do; the gateway in front of it has words of its own. */
async function refusalOf(response: Response): Promise<IamFetchError> {
  const { status } = response
  const described = await describeRefusal(response)
  const said: unknown = await response.json().catch(() => undefined)
  const { error, message, remedy }: Partial<Record<string, string>> = Object(said)
  if (error && message) {
    return new IamFetchError(error as IamFetchError['code'], message, { remedy: remedy ?? '' })
  }
  return status < 500
    ? new IamFetchError('FORBIDDEN', described.message, { remedy: 'Signing in again may help.' })
    : new IamFetchError('SERVICE_UNAVAILABLE', `The API failed (${status}).`, {
        remedy: 'Repeat it in a few seconds.',
      })
}

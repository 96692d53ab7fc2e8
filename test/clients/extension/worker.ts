import { cognitoCredentials, type IdentityStore } from '@iamfetch/cognito'
import { createIamFetch } from 'iamfetch'

/** What the extension's page leaves in `chrome.storage.session`, which is memory and outlives the worker. */
export interface Setup {
  identityPoolId: string
  endpoint: string
  region: string
  url: string
  idToken: string
}

/** What a call from the worker tells. */
export interface Told {
  status: number
  body: unknown
  /** New with every start of the worker: nothing in its memory outlives a stop. */
  worker: string
  origin: string
  /** What a page has and a service worker has not. */
  hasDom: boolean
}

interface Area {
  get(key: string): Promise<Record<string, unknown>>
  set(items: Record<string, unknown>): Promise<void>
  remove(key: string): Promise<void>
}
declare const chrome: {
  storage: { session: Area; local: Area }
  runtime: {
    onMessage: {
      addListener(
        listener: (message: string, sender: unknown, reply: (told: unknown) => void) => true,
      ): void
    }
  }
}

// Keeps the identity of a guest, so that it stays the same one in a worker that starts again. A user's is not stored.
const { local, session } = chrome.storage
const identityStore: IdentityStore = {
  get: async (key) => {
    const { [key]: id } = await local.get(key)
    return typeof id === 'string' ? id : undefined
  },
  set: (key, id) => local.set({ [key]: id }),
  delete: (key) => local.remove(key),
}
const worker = crypto.randomUUID()

const setup = async (): Promise<Setup> => (await session.get('setup'))['setup'] as Setup

let signed: Promise<typeof fetch> | undefined
async function start(): Promise<typeof fetch> {
  const { identityPoolId, endpoint, region, url } = await setup()
  const idToken = async (): Promise<string> => (await setup()).idToken
  const credentials = cognitoCredentials({ identityPoolId, endpoint, idToken, identityStore })
  return createIamFetch({ baseUrl: url, region, credentials })
}

async function call(method: string): Promise<Told> {
  const iamFetch = await (signed ??= start())
  const response = await iamFetch('/test', { method, ...(method === 'POST' && { body: '{}' }) })
  const body: unknown = await response.json()
  const { status } = response
  return { status, body, worker, origin: self.origin, hasDom: 'document' in globalThis }
}

chrome.runtime.onMessage.addListener((method, _, reply) => {
  call(method).then(reply, (error: unknown) => reply({ error: String(error) }))
  return true
})

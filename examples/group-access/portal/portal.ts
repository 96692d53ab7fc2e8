import {
  cognitoIssuer,
  createDeveloperAccess,
  type DeveloperAccess,
  type KeyStore,
} from '@iamfetch/developer-access'
import type { TrustedUserPool } from '@iamfetch/server'
import { createIamFetch, type Clock, type Credentials } from 'iamfetch'
import { groupsFrom } from './groups.ts'
import { createHandlers, type Handlers } from './handlers.ts'
import type { Notes } from './notes.ts'
import { scopesOf } from './scopes.ts'

/** What one function of the portal is made of, on AWS and on a laptop. */
export interface PortalOptions {
  region: string
  userPoolId: string
  /** Where the user pool's API is. */
  cognitoIdpUrl: string
  /** Of the role that the function runs with. */
  credentials: () => Promise<Credentials>
  store: KeyStore
  notes: Notes
  /** @default the keys that the user pool publishes */
  jwks?: TrustedUserPool['jwks']
  clock?: Clock | undefined
}

/** Keys, and the functions behind the portal's routes. */
export interface Portal {
  access: DeveloperAccess
  handlers: Handlers
}

/** Puts the portal together. */
export function createPortal(options: PortalOptions): Portal {
  const { region, userPoolId, cognitoIdpUrl, credentials, store, notes, jwks, clock } = options
  const fetch = createIamFetch({
    baseUrl: cognitoIdpUrl,
    service: 'cognito-idp',
    region,
    credentials,
    clock,
  })
  const groupsOf = groupsFrom(fetch, userPoolId)
  const access = createDeveloperAccess({
    issuer: cognitoIssuer({ userPoolId, endpoint: cognitoIdpUrl, fetch, clock }),
    store,
    clock,
    limits: { lastUsedSeconds: 1 },
    users: {
      scopesOf: ({ groups }) => scopesOf(groups),
      // What holds for a user at the moment of a key's call: a key never may more than its user.
      profile: async (user) => {
        const groups = await groupsOf(user)
        return groups && { groups, scopes: scopesOf(groups) }
      },
    },
  })
  // Users sign in with one app client, and every key is another one.
  const userPool = { userPoolId, clientIds: null, jwks }
  return { access, handlers: createHandlers({ access, notes, userPool, clock }) }
}

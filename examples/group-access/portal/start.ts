import { cognitoIssuer, createDeveloperAccess } from '@iamfetch/developer-access'
import { sqliteStore } from '@iamfetch/developer-access/sqlite'
import {
  createFaults,
  startLocalStack,
  type Faults,
  type LocalHandler,
  type LocalStack,
} from '@iamfetch/local'
import { createIamFetch } from 'iamfetch'
import { scopesOfGroup, withPortal } from './access.ts'
import {
  createHandlers,
  heldBy,
  profileOf,
  type ApiEvent,
  type HandlerName,
  type Handlers,
} from './handlers.ts'
import { createNotes } from './notes.ts'

/** How often what was interrupted is tidied up, and old secrets end. */
const SWEEP_MS = 30_000

/** The example's stack, with the portal behind it. Keys live as long as it does. */
export async function startWithPortal({
  faults = createFaults(),
}: { faults?: Faults } = {}): Promise<LocalStack> {
  // The functions are told about the user pool, which is known when it runs.
  let handlers: Handlers | undefined
  const handlerOf =
    (name: HandlerName): LocalHandler =>
    (event: ApiEvent, context) =>
      handlers?.[name](event, context)
  const definition = withPortal(handlerOf)
  const stack = await startLocalStack(definition, { faults })
  const { region, userPoolId, endpoints } = stack.config
  const { clock } = faults
  const store = sqliteStore({ path: ':memory:' })
  const access = createDeveloperAccess({
    issuer: cognitoIssuer({
      userPoolId,
      endpoint: endpoints.cognitoIdp,
      clock,
      fetch: createIamFetch({
        baseUrl: endpoints.cognitoIdp,
        service: 'cognito-idp',
        region,
        credentials: stack.admin,
        clock,
      }),
    }),
    store,
    clock,
    limits: { lastUsedSeconds: 1 },
    users: {
      scopesOf: ({ groups }) => heldBy(groups, scopesOfGroup),
      // A product asks its user pool: AdminListGroupsForUser.
      profile: profileOf(({ username }) => definition.users?.[username]?.groups, scopesOfGroup),
    },
  })
  const notes = createNotes()
  for (const { username, sub } of Object.values(stack.users)) {
    notes.add(sub, { text: `A first note of ${username}.`, by: 'you', at: clock.now() })
  }
  handlers = createHandlers({
    access,
    notes,
    userPool: {
      userPoolId,
      // Users sign in with one app client, and every key is another one.
      clientIds: null,
      jwks: async () => {
        const keys = await fetch(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`)
        return (await keys.json()) as { keys: object[] }
      },
    },
    scopesOfGroup,
    clock,
  })
  const sweeping = setInterval(() => void access.sweep().catch(console.error), SWEEP_MS)
  return {
    ...stack,
    async stop() {
      clearInterval(sweeping)
      await stack.stop()
      store.close()
    },
  }
}

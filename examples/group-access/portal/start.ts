import { sqliteStore } from '@iamfetch/developer-access/sqlite'
import {
  createFaults,
  startLocalStack,
  type Faults,
  type LocalHandler,
  type LocalStack,
} from '@iamfetch/local'
import {
  handlerNameOf,
  roleOf,
  withPortal,
  type FunctionName,
  type PortalRoute,
  type Role,
} from './access.ts'
import type { ApiEvent } from './handlers.ts'
import { createNotes } from './notes.ts'
import { createPortal, type Portal } from './portal.ts'

/** How often what was interrupted is tidied up, and old secrets end. */
const SWEEP_MS = 30_000

/** The example's stack, with the portal behind it. Keys live as long as it does. */
export async function startWithPortal({
  faults = createFaults(),
}: { faults?: Faults } = {}): Promise<LocalStack<ReturnType<typeof withPortal>>> {
  // The functions receive the user pool, which is known once the stack runs. Each has a role of its own, as on AWS.
  const functions = new Map<FunctionName, Portal>()
  const handlerOf =
    (route: PortalRoute): LocalHandler =>
    (event: ApiEvent, context) =>
      functions.get(route)?.handlers[handlerNameOf(route)](event, context)
  const stack = await startLocalStack(withPortal(handlerOf), { faults })
  const { region, userPoolId, endpoints } = stack.config
  const { clock } = faults
  const store = sqliteStore({ path: ':memory:' })
  const notes = createNotes()
  for (const { username, sub } of Object.values(stack.users)) {
    await notes.add(sub, { text: `A first note of ${username}.`, by: 'you', at: clock.now() })
  }
  for (const [name, role] of Object.entries(roleOf) as [FunctionName, Role][]) {
    const credentials = stack.roles[role]
    functions.set(
      name,
      createPortal({
        region,
        userPoolId,
        cognitoIdpUrl: endpoints.cognitoIdp,
        credentials: async () => credentials,
        store,
        notes,
        jwks: async () => {
          const keys = await fetch(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`)
          return (await keys.json()) as { keys: object[] }
        },
        clock,
      }),
    )
  }
  const { access } = functions.get('sweep')!
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

import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import type { StackDefinition } from '../src/definition.ts'
import { createFaults, type Clock, type Faults } from '../src/faults.ts'
import { createIdentity, type Identity } from '../src/identity/identity.ts'

/** An identity half of a stack that listens. */
export interface Served {
  identity: Identity
  faults: Faults
  url: string
  stop(): Promise<void>
}

const policy = {
  Version: '2012-10-17' as const,
  Statement: [
    {
      Effect: 'Allow' as const,
      Action: 'execute-api:Invoke',
      Resource: ['arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/test'],
    },
  ],
}

/** The scenario of the example, and people for the corners of role mapping. */
export const people = {
  groups: {
    FullAccess: { precedence: 1, policy },
    ReadOnlyAccess: { precedence: 2, policy },
    Peer: { precedence: 2, policy },
    Unranked: { policy },
  },
  users: {
    alice: { groups: ['FullAccess'], email: 'alice@example.com', attributes: { locale: 'de' } },
    bob: { groups: ['ReadOnlyAccess'], password: 'Correct-horse-1' },
    carol: { groups: ['ReadOnlyAccess', 'FullAccess'] },
    torn: { groups: ['ReadOnlyAccess', 'Peer'] },
    unranked: { groups: ['Unranked'] },
    nobody: {},
  },
} satisfies StackDefinition

/** Makes an identity half without a server. */
export function makeIdentity(
  definition: StackDefinition = people,
  options: { clock?: Clock } = {},
): { identity: Identity; faults: Faults } {
  const faults = createFaults(options)
  const identity = createIdentity({ definition, apiIds: { test: 'a1b2c3d4e5' }, faults })
  return { identity, faults }
}

/** Makes one and listens on a free port of the loopback interface. */
export async function serveIdentity(
  definition: StackDefinition = people,
  options: { clock?: Clock } = {},
): Promise<Served> {
  const made = makeIdentity(definition, options)
  const server = await new Promise<ServerType>((resolve) => {
    const listening: ServerType = serve(
      { fetch: made.identity.app.fetch, port: 0, hostname: '127.0.0.1' },
      () => resolve(listening),
    )
  })
  const { port } = server.address() as AddressInfo
  return {
    ...made,
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { OrpcClient } from './server.ts'

/** An oRPC client whose calls are signed. */
export const orpcClient = (iamFetch: typeof fetch, url: string): OrpcClient =>
  createORPCClient(
    new RPCLink({ url: `${url}/rpc`, fetch: (request, init) => iamFetch(request, init) }),
  )

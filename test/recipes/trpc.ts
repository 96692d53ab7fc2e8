import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client'
import type { TrpcRouter } from './server.ts'

/** A tRPC client whose calls are signed. The same `fetch` is the option of `httpLink` and `httpBatchStreamLink`. */
export const trpcClient = (iamFetch: typeof fetch, url: string): TRPCClient<TrpcRouter> =>
  createTRPCClient<TrpcRouter>({ links: [httpBatchLink({ url: `${url}/trpc`, fetch: iamFetch })] })

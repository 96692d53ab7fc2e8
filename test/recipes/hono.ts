import { hc } from 'hono/client'
import type { HonoApp } from './server.ts'

/** A typed client of a Hono app whose calls are signed: `honoClient(iamFetch, url).notes.$get()`. */
export const honoClient = (iamFetch: typeof fetch, url: string) =>
  hc<HonoApp>(url, { fetch: iamFetch })

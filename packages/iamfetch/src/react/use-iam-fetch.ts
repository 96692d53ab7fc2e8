'use client'

import { useIam } from './provider.ts'

/**
 * Gives the signing `fetch` of the nearest `IamProvider`, the same function at every render.
 *
 * @throws `TypeError` without a provider.
 */
export function useIamFetch(): typeof globalThis.fetch {
  return useIam().fetch
}

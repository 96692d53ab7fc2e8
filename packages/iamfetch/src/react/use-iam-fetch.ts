'use client'

import { useIam } from './provider.ts'

/**
 * Returns the signing `fetch` of the nearest `IamProvider`: the same function at every render.
 *
 * @throws `TypeError` if there is no `IamProvider` above.
 * @example
 * ```tsx
 * const fetch = useIamFetch()
 * return <button onClick={() => fetch('/notes', { method: 'DELETE' })}>Delete</button>
 * ```
 */
export function useIamFetch(): typeof globalThis.fetch {
  return useIam().fetch
}

'use client'

import { useEffect, useLayoutEffect, useReducer, useSyncExternalStore } from 'react'

/**
 * Reads a store as `useSyncExternalStore` does, and also before a component that was hidden is painted again.
 *
 * React ends subscriptions while `<Activity>` hides a component, and begins them again after it was shown: for a moment the page
 * would show what it showed last, perhaps to another user. Layout effects run before that.
 *
 * @see [React: Activity](https://react.dev/reference/react/Activity)
 */
export function useSnapshot<T>(
  subscribe: (listener: () => void) => () => void,
  read: () => T,
  onServer: () => T,
): T {
  const value = useSyncExternalStore(subscribe, read, onServer)
  const [, renderAgain] = useReducer((count: number) => count + 1, 0)
  useEffectBeforePaint(() => {
    if (!Object.is(read(), value)) renderAgain()
  })
  return value
}

/** React 18 warns about layout effects where a server renders; they do nothing there. */
const useEffectBeforePaint = 'window' in globalThis ? useLayoutEffect : useEffect

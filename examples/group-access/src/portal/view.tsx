import { useSyncExternalStore } from 'react'

/** The view of a signed-in user. It is part of the address, so that "back" works. */
export type View = 'calls' | 'keys'

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** The view of the address. */
export const useView = (): View =>
  useSyncExternalStore(subscribe, () => (location.hash === '#keys' ? 'keys' : 'calls'))

/** The way from one view to the other. */
export function ViewLinks({ view }: { view: View }) {
  const links = [
    ['calls', 'Calls'],
    ['keys', 'API keys'],
  ] as const
  return (
    <nav className="views" aria-label="Views">
      {links.map(([to, text]) => (
        <a key={to} href={`#${to}`} aria-current={view === to ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  )
}

/** A secret that is shown once. No React state holds it: it goes into an element or the clipboard, and then it is gone. */
export interface HeldSecret {
  /** Writes it into an element. */
  readonly show: (element: HTMLElement) => void
  /** Puts it into the clipboard. @throws when the browser does not let it */
  readonly copy: () => Promise<void>
  /** Takes it away, from wherever it is shown too. */
  readonly forget: () => void
}

/** Keeps a secret until it is forgotten. */
export function holdSecret(value: string): HeldSecret {
  let held = value
  const shownIn = new Set<HTMLElement>()
  return Object.freeze({
    show(element: HTMLElement) {
      element.textContent = held
      shownIn.add(element)
    },
    copy: () => navigator.clipboard.writeText(held),
    forget() {
      held = ''
      for (const element of shownIn) element.textContent = ''
      shownIn.clear()
    },
  })
}

import { useState } from 'react'

/** Copies a text that is not a secret. `what` names the text, for users who cannot see where the button is. */
export function CopyButton({
  what,
  text,
  say,
}: {
  what: string
  text: string
  say: (sentence: string) => void
}) {
  const [state, setState] = useState<'' | 'Copied' | 'Not copied'>('')
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      setState('Copied')
      say(`Copied the ${what}.`)
    } catch {
      setState('Not copied')
      say('The browser did not allow copying. Select the text and copy it yourself.')
    }
  }
  return (
    <button
      type="button"
      className="small"
      aria-label={`Copy the ${what}`}
      onClick={() => void copy()}
      onBlur={() => setState('')}
    >
      {state || 'Copy'}
    </button>
  )
}

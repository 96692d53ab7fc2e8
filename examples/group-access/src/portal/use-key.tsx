import { CopyButton } from './copy-button.tsx'
import type { Key, KeysApi } from './keys-api.ts'
import { linesOf } from './lines.ts'

/** The lines that use a key, in a shell and in TypeScript. */
export function UseKey({
  api,
  used,
  say,
}: {
  api: KeysApi
  used: Key
  say: (sentence: string) => void
}) {
  const { secret, curl, typescript } = linesOf(api, used)
  const blocks = [
    ['The secret, kept out of the shell’s history', 'line for the secret', secret],
    ['In a shell', 'curl lines', curl],
    ['In TypeScript', 'TypeScript lines', typescript],
  ] as const
  return (
    <div className="use-key">
      {blocks.map(([title, what, text]) => (
        <figure key={what}>
          <figcaption>
            <span>{title}</span>
            <CopyButton what={what} text={text} say={say} />
          </figcaption>
          {/* It may be wider than the page, so it scrolls, and what scrolls can be reached by keyboard. */}
          <pre tabIndex={0} role="region" aria-label={`The ${what}`}>
            {text}
          </pre>
        </figure>
      ))}
    </div>
  )
}

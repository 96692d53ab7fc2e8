import type { Explanation } from 'iamfetch/explain'
import type { Problem } from './problem.ts'

/**
 * A sentence for the person who uses the page, and a button that may help. In development, why the call did not succeed is behind
 * "Details".
 *
 * @param onAct  Does what the button says.
 */
export function ProblemView({ problem, onAct }: { problem: Problem; onAct: () => void }) {
  const { text, action, explanation } = problem
  return (
    <div className="refusal">
      <p className="sentence">{text}</p>
      <button onClick={onAct}>{action === 'sign-in' ? 'Sign in again' : 'Try again'}</button>
      {import.meta.env.DEV && explanation && <Details explanation={explanation} />}
    </div>
  )
}

/** What `explain` of the package found. */
function Details({ explanation }: { explanation: Explanation }) {
  const { message, remedy, settings = [] } = explanation
  // Where the reason is known, nothing else may be it.
  const suspects = explanation.hidden ? [] : explanation.suspects
  return (
    <details>
      <summary>Details</summary>
      <p>{message}</p>
      <ol>
        {remedy.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ol>
      {suspects.map((one) => (
        <p key={one}>Possible reason: {one}</p>
      ))}
      {settings.map(({ where, text }) => (
        <figure key={where}>
          <figcaption>{where}</figcaption>
          <pre tabIndex={0}>{text}</pre>
        </figure>
      ))}
    </details>
  )
}

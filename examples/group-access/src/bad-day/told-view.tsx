import type { Action, Told } from './told.ts'
import './told.css'

/**
 * Shows what was told: the short sentence first, then what to change, then how it was found.
 *
 * @param latest  Whether it is of the newest call: what to change is open then.
 * @param onAct   Does what the button says.
 */
export function ToldView({
  told,
  latest,
  onAct,
}: {
  told: Told
  latest: boolean
  onAct: (action: Action) => void
}) {
  const { tone, headline, because, facts, change, settings, action } = told
  return (
    <div className={`told ${tone}`}>
      <p className="headline">{headline}</p>
      {because && <p>{because}</p>}
      {facts.length > 0 && (
        <dl>
          {facts.map(([term, value]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {action && <button onClick={() => onAct(action)}>{action.label}</button>}
      {change.length > 0 && (
        <details open={latest}>
          <summary>What to change</summary>
          <ol>
            {change.map((one) => (
              <li key={one}>{withCode(one)}</li>
            ))}
          </ol>
          {settings.map(({ where, text }) => (
            <figure key={where}>
              <figcaption>{where}</figcaption>
              <pre tabIndex={0}>{text}</pre>
            </figure>
          ))}
        </details>
      )}
      <Found told={told} />
    </div>
  )
}

/** What was ruled out, what is left, and who said what. */
function Found({ told: { ruledOut, suspects, words } }: { told: Told }) {
  if (ruledOut.length + suspects.length + words.length === 0) return null
  return (
    <details>
      <summary>How this was found</summary>
      {ruledOut.length > 0 && <Findings title="Ruled out" kind="fine" all={ruledOut} />}
      {suspects.length > 0 && <Findings title="May be the reason" kind="open" all={suspects} />}
      {words && (
        <>
          <h4>The complete explanation</h4>
          <p className="words">{words}</p>
        </>
      )}
    </details>
  )
}

const Findings = ({
  title,
  kind,
  all,
}: {
  title: string
  kind: 'fine' | 'open'
  all: readonly string[]
}) => (
  <>
    <h4>{title}</h4>
    <ul className={kind}>
      {all.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  </>
)

/** A policy statement in a sentence is shown below it, as one would write it. */
const withCode = (sentence: string) => {
  const [before = '', code, after] = sentence.split(/(\{.*\})/)
  if (!code) return sentence
  const statement = indented(code)
  return statement ? (
    <>
      {before}
      <pre className="policy">{statement}</pre>
      {after !== '.' && after}
    </>
  ) : (
    <>
      {before}
      <code>{code}</code>
      {after}
    </>
  )
}

function indented(json: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return undefined
  }
}

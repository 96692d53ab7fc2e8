import { useCallback, useEffect, useRef, useState } from 'react'
import { problemOf, type Problem } from './action.ts'
import { KeyCard } from './key-card.tsx'
import { KeySecret } from './key-secret.tsx'
import type { Fresh, Key, KeysApi, Note } from './keys-api.ts'
import { MakeKey } from './make-key.tsx'
import { NotesCard } from './notes-card.tsx'
import { ProblemNote } from './problem.tsx'
import './portal.css'

interface Loaded {
  scopes: readonly string[]
  keys: readonly Key[]
  notes: readonly Note[]
}

/** Where a user makes keys for scripts, sees them used, replaces and revokes them. */
export function Portal({ api }: { api: KeysApi }) {
  const [loaded, setLoaded] = useState<Loaded>()
  const [problem, setProblem] = useState<Problem>()
  const [said, say] = useState('')
  const [fresh, setFresh] = useState<Fresh>()
  const heading = useRef<HTMLHeadingElement>(null)
  const list = useRef<HTMLHeadingElement>(null)
  const refresh = useRefresh(api, setLoaded, setProblem)
  useEffect(() => heading.current?.focus(), [])
  useForgetting(fresh, setFresh)

  const show = (next: Fresh, sentence: string): void => {
    setFresh(next)
    say(sentence)
    void refresh()
  }
  const keys = loaded?.keys ?? []
  const [active, over] = [true, false].map((wanted) =>
    keys.filter(({ status }) => (status === 'active') === wanted).toReversed(),
  ) as [Key[], Key[]]
  const cards = (some: readonly Key[]) => (
    <ul className="keys">
      {some.map((key) => (
        <KeyCard
          key={key.id}
          api={api}
          held={key}
          say={say}
          onRotated={(next) =>
            show(next, `“${key.label}” has a new secret. Copy it now: it is shown once.`)
          }
          onRevoked={() => {
            if (fresh?.key.id === key.id) setFresh(undefined)
            say(`“${key.label}” is revoked.`)
            void refresh().then(() => list.current?.focus())
          }}
        />
      ))}
    </ul>
  )
  return (
    <div className="portal">
      <div className="portal-head">
        <h2 ref={heading} tabIndex={-1}>
          API keys
        </h2>
        <p>
          A key is a client ID and a secret. A script that has both calls the API as you, and
          reaches only your data.
        </p>
      </div>
      <div className="columns">
        <MakeKey
          api={api}
          held={loaded?.scopes}
          onMade={(made) =>
            show(
              made,
              `The key “${made.key.label}” was created. Copy its secret now: it is shown once.`,
            )
          }
        />
        <section className="your-keys" aria-labelledby="your-keys" aria-busy={!loaded && !problem}>
          {fresh && (
            <KeySecret
              key={`${fresh.key.id} ${fresh.key.secrets.at(-1)?.last4}`}
              api={api}
              fresh={fresh}
              say={say}
              onDone={() => {
                setFresh(undefined)
                list.current?.focus()
              }}
            />
          )}
          <div className="list-head">
            <h2 id="your-keys" ref={list} tabIndex={-1}>
              Your keys
            </h2>
            <button
              type="button"
              className="small"
              onClick={() => void refresh().then(() => say('Keys refreshed.'))}
            >
              Refresh
            </button>
          </div>
          <ProblemNote problem={problem} />
          {!loaded && !problem && <p className="empty">Loading your keys …</p>}
          {loaded && active.length === 0 && (
            <p className="empty">
              {over.length > 0 ? 'No active keys.' : 'No keys yet.'} Make one, and a script of yours
              may call the API without your password.
            </p>
          )}
          {cards(active)}
          {over.length > 0 && (
            <details className="over">
              <summary>
                {over.length === 1 ? '1 inactive key' : `${over.length} inactive keys`}
              </summary>
              {cards(over)}
            </details>
          )}
        </section>
        <NotesCard notes={loaded?.notes} keys={keys} />
      </div>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </div>
  )
}

/** Reads everything at first, and again when the user comes back to the page, as after a call in a terminal. */
function useRefresh(
  api: KeysApi,
  setLoaded: (loaded: Loaded) => void,
  setProblem: (problem: Problem | undefined) => void,
): () => Promise<void> {
  const newest = useRef(0)
  const refresh = useCallback(async () => {
    const turn = ++newest.current
    try {
      const [scopes, keys, notes] = await Promise.all([api.scopes(), api.keys(), api.notes()])
      // An answer that was overtaken by a newer one is not shown.
      if (turn !== newest.current) return
      setLoaded({ scopes, keys, notes })
      setProblem(undefined)
    } catch (error) {
      if (turn === newest.current) setProblem(problemOf(error))
    }
  }, [api, setLoaded, setProblem])
  useEffect(() => {
    const back = (): void => void refresh()
    back()
    window.addEventListener('focus', back)
    return () => window.removeEventListener('focus', back)
  }, [refresh])
  return refresh
}

/** Forgets a secret that was not copied when another one takes its place, and when the user leaves. */
function useForgetting(fresh: Fresh | undefined, setFresh: (none: undefined) => void): void {
  const latest = useRef<Fresh>(undefined)
  useEffect(() => {
    if (latest.current !== fresh) latest.current?.secret?.forget()
    latest.current = fresh
  }, [fresh])
  useEffect(() => {
    const forget = (): void => latest.current?.secret?.forget()
    // A page that is left may come back as it was.
    const leave = (): void => {
      forget()
      setFresh(undefined)
    }
    window.addEventListener('pagehide', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      forget()
    }
  }, [setFresh])
}

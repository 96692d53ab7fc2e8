import { IamProvider } from 'iamfetch/react'
import { useState, useSyncExternalStore, type FormEvent } from 'react'
import { Notes } from './notes.tsx'
import type { Session } from './session.ts'

export function App({ session }: { session: Session }) {
  const username = useSyncExternalStore(session.subscribe, session.getUsername)
  return (
    <>
      <header>
        <h1>Notes</h1>
        {username && (
          <button type="button" onClick={() => void session.signOut()}>
            Sign out
          </button>
        )}
      </header>
      <main>
        {username === null && <SignIn session={session} />}
        {username && (
          <IamProvider fetch={session.fetch} credentials={session.credentials}>
            {/* Another user is another page: nothing of the previous user is carried over. */}
            <Notes key={username} username={username} />
          </IamProvider>
        )}
      </main>
    </>
  )
}

function SignIn({ session }: { session: Session }) {
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const [username, password] = ['username', 'password'].map((name) => data.get(name) as string)
    setBusy(true)
    setProblem('')
    try {
      await session.signIn(username!, password!)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} aria-busy={busy}>
      <label>
        Username
        <input name="username" autoComplete="username" autoCapitalize="none" required autoFocus />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {problem && <p role="alert">{problem}</p>}
      <button type="submit" disabled={busy}>
        {busy ? 'Signing in …' : 'Sign in'}
      </button>
      {session.local && (
        <p className="hint">
          <b>alice</b> may read and write, <b>bob</b> may only read. Their passwords are in the
          terminal.
        </p>
      )}
    </form>
  )
}

import { useState, type FormEvent } from 'react'
import type { Auth } from './auth.ts'

export function SignIn({ auth, local }: { auth: Auth; local: boolean }) {
  const [state, setState] = useState<{ busy: boolean; error?: string }>({ busy: false })

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const [username, password] = ['username', 'password'].map((name) => {
      const value = data.get(name)
      return typeof value === 'string' ? value : ''
    })
    setState({ busy: true })
    try {
      await auth.signIn(username?.trim() ?? '', password ?? '')
    } catch (error) {
      setState({ busy: false, error: error instanceof Error ? error.message : String(error) })
    }
  }

  return (
    <form className="card sign-in" onSubmit={(event) => void submit(event)} aria-busy={state.busy}>
      <h2>Sign in</h2>
      <label>
        Username
        <input name="username" autoComplete="username" autoCapitalize="none" required autoFocus />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <p role="alert" className="problem" hidden={!state.error}>
        {state.error}
      </p>
      <button className="primary" disabled={state.busy}>
        {state.busy ? 'Signing in …' : 'Sign in'}
      </button>
      {local && (
        <p className="hint">
          <b>alice</b> may GET and POST, <b>bob</b> may only GET. Their passwords are in the
          terminal that runs <code>npm run demo</code>.
        </p>
      )}
    </form>
  )
}

import { IamProvider } from 'iamfetch/react'
import { lazy, Suspense, useSyncExternalStore } from 'react'
import { Console } from './console.tsx'
import { Portal } from './portal/portal.tsx'
import { useView, ViewLinks } from './portal/view.tsx'
import type { Engine, Session } from './session.ts'
import { SignIn } from './sign-in.tsx'

const DevPanel = import.meta.env.DEV ? lazy(() => import('./dev-panel.tsx')) : undefined

const switchEngine = (engine: Engine): void => {
  const url = new URL(location.href)
  url.searchParams.set('engine', engine)
  location.assign(url)
}

export function App({ session }: { session: Session }) {
  const { auth, config } = session
  const username = useSyncExternalStore(auth.subscribe, auth.getUsername)
  const { portal } = session
  const view = useView()
  const onKeys = portal !== undefined && view === 'keys'
  return (
    <div className="page">
      <header>
        <h1>Group access</h1>
        <p>Your group decides your role, your role decides what you may call.</p>
        {username && <button onClick={() => void auth.signOut()}>Sign out</button>}
      </header>
      {username && portal && <ViewLinks view={view} />}
      <main>
        {username === null && <SignIn auth={auth} local={config.mode === 'local'} />}
        {username && (
          <IamProvider
            fetch={session.fetch}
            credentials={session.credentials}
            permissions={session.permissions}
          >
            {/* Another user is another page: nothing of the log or the status is carried over. */}
            <div key={username} hidden={onKeys}>
              <Console session={session} username={username} />
            </div>
            {onKeys && <Portal key={`keys of ${username}`} api={portal} />}
          </IamProvider>
        )}
      </main>
      {DevPanel && (
        <Suspense>
          <DevPanel session={session} />
        </Suspense>
      )}
      <footer>
        <span>
          {config.mode === 'local' ? 'Local stack' : 'AWS'} · <code>{config.apis.test.url}</code>
        </span>
        <label>
          Signed by
          <select
            value={session.engine}
            onChange={(event) => switchEngine(event.target.value as Engine)}
          >
            <option value="iamfetch">iamfetch</option>
            <option value="aws-sdk">AWS-authored parts</option>
          </select>
        </label>
      </footer>
    </div>
  )
}

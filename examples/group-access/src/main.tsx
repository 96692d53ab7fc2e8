import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { loadConfig } from './config.ts'
import { createSession, type Engine } from './session.ts'
import './styles.css'

const root = createRoot(document.getElementById('root')!)

try {
  const config = await loadConfig()
  const wanted = new URLSearchParams(location.search).get('engine')
  const engine: Engine = wanted === 'aws-sdk' ? 'aws-sdk' : 'iamfetch'
  const session = await createSession(config, engine)
  root.render(
    <StrictMode>
      <App session={session} />
    </StrictMode>,
  )
} catch (error) {
  root.render(
    <main className="page">
      <h1>Group access</h1>
      <p role="alert" className="problem">
        {error instanceof Error ? error.message : String(error)}
      </p>
    </main>,
  )
}

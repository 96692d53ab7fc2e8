import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { loadConfig } from './config.ts'
import { createSession } from './session.ts'
import './styles.css'

const root = createRoot(document.getElementById('root')!)
try {
  const session = createSession(await loadConfig())
  root.render(
    <StrictMode>
      <App session={session} />
    </StrictMode>,
  )
} catch (error) {
  root.render(<p role="alert">{error instanceof Error ? error.message : String(error)}</p>)
}

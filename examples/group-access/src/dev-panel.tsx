import { IamDevtools } from 'iamfetch/devtools'
import type { Session } from './session.ts'

/** The development panel, below the page. A production build does not contain it. */
export default function DevPanel({ session }: { session: Session }) {
  const { devtools, credentials } = session
  if (!devtools) return null
  return (
    <details className="dev-panel">
      <summary>Development panel</summary>
      <IamDevtools devtools={devtools} credentials={credentials} />
    </details>
  )
}

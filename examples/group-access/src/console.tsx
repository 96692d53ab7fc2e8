import { useCan, useCredentialStatus, useIamFetch } from 'iamfetch/react'
import { explainRole, type FetchEvent } from 'iamfetch'
import { useEffect, useRef, useState } from 'react'
import { CallLog, type Call } from './call-log.tsx'
import { problemOf } from './problem.ts'
import type { Session } from './session.ts'
import { Way } from './way.tsx'

type Method = 'GET' | 'POST'

/** What a signed-in user sees: how they got their role, and what it lets them do. */
export function Console({ session, username }: { session: Session; username: string }) {
  const iamFetch = useIamFetch()
  const [calls, setCalls] = useState<readonly Call[]>([])
  const [seenRole, setSeenRole] = useState<string>()
  const count = useRef(0)
  const { credentials } = session

  // The exchange starts with the page, so that the first call need not wait; the status shows a failure.
  useEffect(() => {
    void credentials().catch(() => {})
  }, [credentials])

  const call = async (method: Method): Promise<void> => {
    const id = ++count.current
    const path = '/test'
    const update = (change: Partial<Call>): void =>
      setCalls((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one)))
    const pending: Call = { id, method, path, state: 'pending' }
    setCalls((all) => [pending, ...all].slice(0, 20))
    const events: FetchEvent[] = []
    const stopListening = session.listen((event) => event.method === method && events.push(event))
    const startedAt = performance.now()
    const answer = await iamFetch(path, {
      method,
      ...(method === 'POST' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ note: `Hello from ${username}` }),
      }),
    }).catch((error: unknown) => error)
    const totalMs = performance.now() - startedAt
    stopListening()
    const signed = events.findLast((event) => event.type === 'signed')
    const times = { totalMs, ...(signed && { signMs: signed.signMs }) }
    if (answer instanceof Response && answer.ok) {
      const text = await answer.text()
      update({ state: 'done', status: answer.status, answer: pretty(text), ...times })
      setSeenRole((before) => roleIn(text) ?? before)
      return
    }
    const { roles, preferredRole, expiresAt } = credentials.status()
    const { role } = explainRole({
      ...(roles && { 'cognito:roles': roles }),
      ...(preferredRole && { 'cognito:preferred_role': preferredRole }),
    })
    const problem = await problemOf(answer, {
      clock: credentials.clock,
      probe: (url, init) => fetch(url, init),
      ...(role && { role }),
      ...(expiresAt && { credentials: { expiration: expiresAt } }),
    })
    update({ ...(await refusedWith(answer)), problem, ...times })
    const assumed = problem.explanation?.role?.assumed
    if (assumed) setSeenRole(assumed)
  }

  const act = async ({ method, problem }: Call): Promise<void> => {
    if (problem?.action === 'sign-in') return session.auth.signOut()
    // Groups may have changed, and a new session corrects the clock. What goes wrong here goes wrong in the call as well.
    await credentials.refreshIdentity().catch(() => {})
    await call(method as Method)
  }

  return (
    <div className="columns">
      <Way username={username} seenRole={seenRole} now={() => credentials.clock.now()} />
      <section aria-labelledby="calls">
        <h2 id="calls">What you may call</h2>
        <div className="actions">
          <CallButton method="GET" does="read" onCall={() => void call('GET')} />
          <CallButton method="POST" does="write" onCall={() => void call('POST')} />
        </div>
        <WhyNot session={session} onCall={() => void call('POST')} />
        <CallLog calls={calls} onAct={(one) => void act(one)} />
        <p className="visually-hidden" role="status">
          {calls[0] && calls[0].state !== 'pending' && spoken(calls[0])}
        </p>
      </section>
    </div>
  )
}

interface CallButtonProps {
  method: Method
  does: string
  onCall: () => void
}

/** A button that is disabled if the table of permissions says that the role may not make the call. */
function CallButton({ method, does, onCall }: CallButtonProps) {
  const isDenied = useCan(`${method} /test`) === false
  return (
    <button
      onClick={onCall}
      disabled={isDenied}
      aria-describedby={isDenied ? 'why-not' : undefined}
    >
      <span className="method">{method} /test</span>
      <small>{isDenied ? 'not with your role' : does}</small>
    </button>
  )
}

/** Why the second button is disabled. The table is a hint, so the call can be made anyway. */
function WhyNot({ session, onCall }: { session: Session; onCall: () => void }) {
  const mayWrite = useCan('POST /test')
  // Renders again for another role, also if that may not write either.
  useCredentialStatus()
  const hint = session.permissions.hint('POST /test')
  if (mayWrite !== false || !hint) return null
  return (
    <p id="why-not" className="hint why-not">
      You do not have permission to write
      {import.meta.env.DEV && (
        <>
          : no statement of <code>{hint.role}</code> allows it
        </>
      )}
      . <button onClick={onCall}>Try it anyway</button>
    </p>
  )
}

const spoken = ({ method, path, status, problem }: Call): string =>
  `${method} ${path}: ${status ?? 'no answer'}. ${problem?.text ?? ''}`

/** What is shown of the answer itself: not a gateway's own refusal, which may quote the authorization. */
async function refusedWith(answer: unknown): Promise<Partial<Call>> {
  if (!(answer instanceof Response)) return { state: 'failed' }
  const { status } = answer
  const quotes = status === 401 || status === 403
  return { state: 'done', status, ...(!quotes && { answer: pretty(await answer.text()) }) }
}

/** The role that the handler of the example reports back. */
function roleIn(answer: string): string | undefined {
  try {
    const { role } = JSON.parse(answer) as { role?: unknown }
    return typeof role === 'string' ? role : undefined
  } catch {
    return undefined
  }
}

function pretty(answer: string): string {
  try {
    return JSON.stringify(JSON.parse(answer), null, 2)
  } catch {
    return answer.slice(0, 2_000)
  }
}

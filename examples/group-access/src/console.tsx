import { useIamFetch } from '@iamfetch/react'
import { IamFetchError, describeRefusal, type Refusal } from 'iamfetch'
import { useEffect, useRef, useState } from 'react'
import { CallLog, type Call } from './call-log.tsx'
import type { Session } from './session.ts'
import { Way, roleName } from './way.tsx'

type Method = 'GET' | 'POST'

/** What a signed-in user sees: how they got their role, and what it lets them do. */
export function Console({ session, username }: { session: Session; username: string }) {
  const iamFetch = useIamFetch()
  const [calls, setCalls] = useState<readonly Call[]>([])
  const [seenRole, setSeenRole] = useState<string>()
  const count = useRef(0)
  const { credentials } = session

  // The exchange starts with the page, so that the first call need not wait; a failure is told by the status.
  useEffect(() => {
    void credentials().catch(() => {})
  }, [credentials])

  const call = async (method: Method): Promise<void> => {
    const id = ++count.current
    const update = (change: Partial<Call>): void =>
      setCalls((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one)))
    const pending: Call = { id, method, path: '/test', state: 'pending' }
    setCalls((all) => [pending, ...all].slice(0, 20))
    const startedAt = performance.now()
    const timing = (): Partial<Call> => {
      const signMs = session.signingMs(method)
      return { totalMs: performance.now() - startedAt, ...(signMs !== undefined && { signMs }) }
    }
    try {
      const response = await iamFetch('/test', {
        method,
        ...(method === 'POST' && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ note: `Hello from ${username}` }),
        }),
      })
      const times = timing()
      const refusal = response.ok ? undefined : await describeRefusal(response)
      const answer = await response.text()
      update({
        state: 'done',
        status: response.status,
        answer: pretty(answer),
        ...times,
        ...(refusal && { why: explained(refusal, seenRole ?? '') }),
      })
      const role = roleIn(answer) ?? roleName(refusal?.principal?.replace(/\/[^/]+$/, ''))
      if (role) setSeenRole(role)
    } catch (error) {
      update({
        state: 'failed',
        ...timing(),
        why:
          error instanceof IamFetchError
            ? { title: error.message, detail: error.remedy }
            : { title: 'The call failed.', detail: String(error) },
      })
    }
  }

  return (
    <div className="columns">
      <Way username={username} seenRole={seenRole} now={() => credentials.clock.now()} />
      <section aria-labelledby="calls">
        <h2 id="calls">What you may call</h2>
        <div className="actions">
          <button onClick={() => void call('GET')}>
            <span className="method">GET /test</span>
            <small>read</small>
          </button>
          <button onClick={() => void call('POST')}>
            <span className="method">POST /test</span>
            <small>write</small>
          </button>
        </div>
        <CallLog calls={calls} />
        <p className="visually-hidden" role="status">
          {calls[0] && calls[0].state !== 'pending' && spoken(calls[0])}
        </p>
      </section>
    </div>
  )
}

/** Why a call was refused. The local stack knows the true reason; on AWS one sees what the gateway shows. */
const explained = ({ sentence, localReason }: Refusal, role: string): NonNullable<Call['why']> =>
  localReason
    ? { title: `${localReason}.`, detail: sentence.replace(/ The local stack says: .*/, '') }
    : { title: role ? `You called as ${role}.` : 'Refused.', detail: sentence }

const spoken = ({ method, path, status, why }: Call): string =>
  `${method} ${path}: ${status ?? 'no answer'}. ${why ? `${why.title} ${why.detail}` : ''}`

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
    return JSON.stringify(JSON.parse(answer), null, 1)
  } catch {
    return answer.slice(0, 2_000)
  }
}

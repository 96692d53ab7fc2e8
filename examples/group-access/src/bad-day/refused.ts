import { explain, type Explanation } from 'iamfetch/explain'
import { CLOCK_WINDOW_MS, deviceAheadMs, offInWords } from './device-clock.ts'
import { timeOf } from './recovered.ts'
import { told, type Action, type Told } from './told.ts'

/** What is known of a call that did not succeed. */
export interface Failure {
  call: { method: string; path: string }
  username: string
  /** The `Response`, its body unread, or what was thrown. */
  answer: unknown
  /** Names of roles: the one that the token asks for, and the one that the gateway saw in an earlier call. */
  expected: string
  seen: string | undefined
  /** When the credentials end. */
  expiration: Date | undefined
  /** How far the clock that signed is ahead of the device's, in milliseconds. */
  offsetMs: number
}

/** Explains why a call did not succeed, which side is responsible, and what to change. */
export async function explainRefusal(failure: Failure): Promise<Told> {
  const { answer, expected, expiration, offsetMs } = failure
  const { code, message, cause } = Object(answer) as Partial<Error & { code: string }>
  if (code && SIGN_IN.test(code)) return signInOver(String(message), cause, expiration)
  const ahead = await deviceAheadMs()
  const explanation = await explain(answer, {
    // If the gateway's `Date` is hidden, only the page's own server reports the time.
    clock: { now: () => Date.now() - (ahead ?? -offsetMs) },
    probe: (url, init) => fetch(url, init),
    ...(expected && { role: expected }),
    ...(expiration && { credentials: { expiration } }),
  })
  const { ruledOut, suspects, settings = [], remedy, rule } = explanation
  const words = [rule, explanation.refusal?.localReason].filter(Boolean).join(' · ')
  const common = {
    tone: 'refused' as const,
    ruledOut,
    // If the reason is known, there are no other suspects.
    suspects: explanation.hidden ? [] : suspects,
    settings,
    change: remedy,
    words,
  }
  const signedWrong = ahead !== undefined && Math.abs(ahead + offsetMs) > CLOCK_WINDOW_MS
  const what = explanation.hidden ?? explanation.code
  if (what === 'CLOCK_SKEW' || (signedWrong && SILENT.test(what))) {
    return told({ ...common, ...wrongClock(explanation, ahead) })
  }
  const chapter = CHAPTERS[what] ?? inItsWords
  return told({ ...common, ...chapter(explanation, failure) })
}

const SIGN_IN = /^(LOGIN_REQUIRED|ID_TOKEN_EXPIRED|ID_TOKEN_INVALID)$/
/** Refusals without a reason, so a wrong clock may be the reason. */
const SILENT = /^(FORBIDDEN|HIDDEN_BY_CORS|NETWORK_OR_CORS)$/

type Part = Pick<Told, 'headline' | 'because'> & Partial<Told>

function signInOver(message: string, cause: unknown, expiration: Date | undefined): Told {
  const said = cause instanceof Error ? cause.message : ''
  return told({
    tone: 'refused',
    headline: 'Your sign-in has expired.',
    because: `${expiration ? `The session ended at ${timeOf(expiration)}, and ` : ''}Cognito no longer refreshes the sign-in, so nothing was sent.`,
    change: ['Sign in again. Without a sign-in nothing is sent, neither unsigned nor as a guest.'],
    words: [message, said].filter(Boolean).join(' '),
    action: { kind: 'sign-in', label: 'Sign in again' },
  })
}

function wrongClock({ remedy, hidden, code }: Explanation, ahead: number | undefined): Part {
  const off = ahead === undefined ? 'more than five minutes off' : offInWords(ahead)
  const unread = code === 'HIDDEN_BY_CORS' || code === 'NETWORK_OR_CORS'
  return {
    headline: `${unread ? 'No answer to read' : 'Refused'}, and this device’s clock is ${off}.`,
    because: `A signature holds for five minutes around the gateway’s time.${hidden ? '' : ' The gateway does not say that it was this; it would be enough.'} It could not be corrected automatically: the clock was changed after Cognito had reported its time, and the gateway’s own Date is hidden from this page.`,
    facts: [
      ['This device says', timeOf(Date.now())],
      ['The server of this page says', ahead === undefined ? '–' : timeOf(Date.now() - ahead)],
    ],
    change: [
      'Set the device’s clock, or start a new session, which also corrects the clock.',
      'Let the page read the gateway’s Date (Access-Control-Expose-Headers: Date), and the call corrects itself.',
      ...(unread ? remedy : []),
    ],
    action: { kind: 'new-session', label: 'Correct the clock and retry' },
  }
}

const REPEAT: Action = { kind: 'repeat', label: 'Repeat' }
const NEW_SESSION: Action = { kind: 'new-session', label: 'Start a new session and retry' }

function denied({ role, remedy, hidden }: Explanation, failure: Failure): Part {
  const { call, username, expected, seen } = failure
  const assumed = role?.assumed ?? seen
  const other = expected && assumed && expected !== assumed
  const group = `Put ${username} into a group whose role may ${call.method} ${call.path}, then get a new token.`
  return {
    headline: `${assumed ?? 'Your role'} may not ${call.method} ${call.path}.`,
    because: other
      ? `Your token names ${expected}, but ${assumed} called.`
      : `Signature, session and clock are fine: the policy of the role does not allow it.${hidden ? ' The gateway does not report this to a page; the local stack does.' : ''}`,
    facts: [
      ['Role that called', assumed ?? 'unknown'],
      ['Role in your token', expected || 'the pool’s default'],
    ],
    change: other ? [...remedy, group] : [group, ...remedy],
    ...(role && { role: role.assumed }),
    action: { kind: 'new-token', label: 'My groups changed: refresh the token and retry' },
  }
}

function sessionOver({ message, hidden, remedy }: Explanation, failure: Failure): Part {
  const { expiration, offsetMs } = failure
  const early = expiration && expiration.getTime() > Date.now() + offsetMs
  if (!hidden)
    return { headline: OVER, because: `${message} A new one was refused as well.`, change: remedy }
  return {
    headline: OVER,
    because: `It was ended before its time${early ? `, ${timeOf(expiration)}` : ''}. It could not be corrected automatically: the gateway answers only “Forbidden”, which a missing permission looks like, too.`,
    change: [
      'Get a new session. A REST API says that it was the session, and then this happens by itself.',
      ...remedy.slice(-1),
    ],
    action: NEW_SESSION,
  }
}

const OVER = 'Your session has expired.'

const unknown = ({ api }: Explanation, { call, expected, seen }: Failure): Part => ({
  headline: `The gateway refused ${call.method} ${call.path} and does not say why.`,
  because:
    api === 'rest'
      ? 'A WAF or a missing API key gives this response.'
      : 'An HTTP API hides the reason on purpose. What can be checked from here was checked.',
  facts: [
    ['Role of an earlier call', seen ?? 'no response yet'],
    ['Role in your token', expected || 'the pool’s default'],
  ],
  action: NEW_SESSION,
})

const hiddenByCors = ({ suspects, message }: Explanation, { expected }: Failure): Part => ({
  headline: 'The gateway responded, but the browser hides the response.',
  because:
    'You are online and the host answers, so this is most likely a refusal without CORS headers. Give the gateway the setting below, and the reason shows here.',
  facts: [
    ['You are', 'online'],
    ['The host', 'answers a plain request'],
    ['Role in your token', expected || 'the pool’s default'],
  ],
  suspects: suspects.length > 0 ? suspects : SUSPECTS,
  words: message,
})

const SUSPECTS = [
  'The policy of the role does not allow this call.',
  'The session was revoked.',
  'The preflight does not allow a header or the method.',
]

const inItsWords = ({ message, code }: Explanation): Part => ({
  headline: message,
  because: '',
  words: code,
  action: REPEAT,
})

const CHAPTERS: Partial<Record<Explanation['code'], (e: Explanation, f: Failure) => Part>> = {
  ACCESS_DENIED: denied,
  FORBIDDEN: unknown,
  TOKEN_EXPIRED: sessionOver,
  TOKEN_INVALID: sessionOver,
  HIDDEN_BY_CORS: hiddenByCors,
  OFFLINE: () => ({
    headline: 'This device is offline.',
    because: 'Nothing was sent, and you are still signed in.',
    facts: [['The browser says', 'offline']],
    action: REPEAT,
  }),
  UNREACHABLE: ({ message }) => ({
    headline: 'The API does not answer.',
    because: message,
    facts: [['The browser says', 'online']],
    action: REPEAT,
  }),
}

import { explainRole, type RoleExplanation } from '@iamfetch/cognito'
import type { Token } from './token.ts'

/** Whom a token identifies, by its own claims. */
export interface Bearer {
  kind: 'ID token' | 'access token of a user' | 'access token of a machine' | 'token'
  /** The user's name, or the app client. */
  who: string
  subject: string
  issuer: string
  /** The app client that the token was made for. */
  client: string
  email?: string
  groups: readonly string[]
  roles: readonly string[]
  scopes: readonly string[]
  /** Which role an identity pool will give; for ID tokens alone. */
  role?: RoleExplanation
  issuedAt?: Date
  expiresAt?: Date
  /** Why it would be refused. */
  wrong: readonly string[]
}

/** Describes whom a token identifies, and what is wrong with it at the time `now`. */
export function bearerOf(token: Token, now: number): Bearer {
  const { text, list, moment } = readerOf(token)
  const kind = kindOf(token)
  const issuedAt = moment('iat')
  const expiresAt = moment('exp')
  const email = text('email')
  return {
    kind,
    who: text('cognito:username') || text('username') || text('client_id') || text('sub'),
    subject: text('sub'),
    issuer: text('iss'),
    client: text('client_id') || list('aud').join(', '),
    ...(email && { email }),
    groups: list('cognito:groups'),
    roles: list('cognito:roles'),
    scopes: list('scope'),
    ...(kind === 'ID token' && { role: explainRole(token.claims) }),
    ...(issuedAt && { issuedAt }),
    ...(expiresAt && { expiresAt }),
    wrong: [...signatureProblems(token), ...claimProblems(token, now), ...useProblems(token)],
  }
}

interface ClaimReader {
  /** A text or a number as text; empty if there is none. */
  readonly text: (name: string) => string
  readonly list: (name: string) => string[]
  readonly moment: (name: string) => Date | undefined
}

function readerOf({ claims }: Token): ClaimReader {
  return {
    text(name) {
      const value = claims[name]
      return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    },
    list(name) {
      const value = claims[name]
      if (typeof value === 'string') return value.match(/[^\s,]+/g) ?? []
      return Array.isArray(value) ? value.map(String) : []
    },
    moment(name) {
      const seconds = claims[name]
      const at = new Date(typeof seconds === 'number' ? seconds * 1_000 : NaN)
      return Number.isNaN(at.getTime()) ? undefined : at
    },
  }
}

function kindOf(token: Token): Bearer['kind'] {
  const { text, list } = readerOf(token)
  const use = text('token_use')
  const isLikelyId = use === '' && list('aud').length > 0 && text('nonce') !== ''
  if (use === 'id' || isLikelyId) return 'ID token'
  if (use !== 'access') return 'token'
  // A machine's token has its client as its subject, and no username.
  const isMachine = !text('username') && text('sub') === text('client_id')
  return isMachine ? 'access token of a machine' : 'access token of a user'
}

function signatureProblems({ header }: Token): string[] {
  const { alg } = header
  if (typeof alg !== 'string' || alg === 'none') return ['It is not signed (alg none).']
  if (alg.startsWith('HS')) return [`It is signed with ${alg}; Cognito signs with RS256.`]
  return []
}

/** How far a clock may be from the issuer's. */
const CLOCK_TOLERANCE_MS = 300_000

function claimProblems(token: Token, now: number): string[] {
  const { text, moment } = readerOf(token)
  const problems: string[] = []
  if (!text('iss')) problems.push('It names no issuer (iss).')
  if (!text('sub')) problems.push('It names no subject (sub).')
  const expiresAt = moment('exp')
  if (!expiresAt) problems.push('It names no expiry (exp).')
  else if (+expiresAt <= now) problems.push(`It expired ${span(now - +expiresAt)} ago.`)
  for (const [at, name] of [
    [moment('nbf'), 'is not valid before'],
    [moment('iat'), 'was issued'],
  ] as const) {
    if (at && +at > now + CLOCK_TOLERANCE_MS) {
      problems.push(
        `It ${name} ${span(+at - now)} from now: this clock is slow, or the issuer's is fast.`,
      )
    }
  }
  return problems
}

/** What an identity pool would refuse. */
function useProblems(token: Token): string[] {
  const { text, list } = readerOf(token)
  if (text('token_use') === 'access') {
    return ['An identity pool takes ID tokens; this access token gets no role and no credentials.']
  }
  if (kindOf(token) === 'ID token' && list('aud').length === 0) {
    return ['It names no audience (aud), which an identity pool requires.']
  }
  return []
}

const UNITS = [
  { ms: 86_400_000, name: 'day' },
  { ms: 3_600_000, name: 'hour' },
  { ms: 60_000, name: 'minute' },
] as const

/** `43 minutes`: the largest unit that fits twice, else seconds. */
export function span(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1_000)
  const unit = UNITS.find((candidate) => seconds * 1_000 >= 2 * candidate.ms)
  const count = unit ? Math.floor((seconds * 1_000) / unit.ms) : seconds
  return `${count} ${unit?.name ?? 'second'}${count === 1 ? '' : 's'}`
}

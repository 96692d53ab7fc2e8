import { explainRole, type RoleExplanation } from '@iamfetch/cognito'
import type { Token } from './token.ts'

/** Who a token stands for, as far as it says itself. */
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
  /** What would make it be refused. */
  wrong: readonly string[]
}

/** Describes whom a token identifies, and what is wrong with it at the time `now`. */
export function bearerOf({ header, claims }: Token, now: number): Bearer {
  const text = (name: string): string =>
    typeof claims[name] === 'string' || typeof claims[name] === 'number' ? String(claims[name]) : ''
  const list = (name: string): string[] => {
    const value = claims[name]
    if (typeof value === 'string') return value.match(/[^\s,]+/g) ?? []
    return Array.isArray(value) ? value.map(String) : []
  }
  const moment = (name: string): Date | undefined => {
    const seconds = claims[name]
    const at = new Date(typeof seconds === 'number' ? seconds * 1_000 : NaN)
    return Number.isNaN(at.getTime()) ? undefined : at
  }
  const [issuedAt, expiresAt, notBefore] = [moment('iat'), moment('exp'), moment('nbf')]
  const use = text('token_use')
  const audience = list('aud').join(', ')
  const isId = use === 'id' || (use === '' && audience !== '' && text('nonce') !== '')
  // A machine's token has its client as its subject, and nobody's name.
  const isMachine = use === 'access' && !text('username') && text('sub') === text('client_id')
  const kind = isId
    ? 'ID token'
    : isMachine
      ? 'access token of a machine'
      : use === 'access'
        ? 'access token of a user'
        : 'token'

  const wrong: string[] = []
  const { alg } = header
  if (typeof alg !== 'string' || alg === 'none') wrong.push('It is not signed (alg none).')
  else if (alg.startsWith('HS')) {
    wrong.push(`It is signed with ${alg}; Cognito signs with RS256.`)
  }
  if (!text('iss')) wrong.push('It names no issuer (iss).')
  if (!text('sub')) wrong.push('It names no subject (sub).')
  if (!expiresAt) wrong.push('It names no expiry (exp).')
  else if (+expiresAt <= now) wrong.push(`It expired ${span(now - +expiresAt)} ago.`)
  for (const [at, name] of [
    [notBefore, 'is not valid before'],
    [issuedAt, 'was issued'],
  ] as const) {
    if (at && +at > now + 300_000) {
      wrong.push(
        `It ${name} ${span(+at - now)} from now: this clock is slow, or the issuer's is fast.`,
      )
    }
  }
  if (use === 'access') {
    wrong.push(
      'An identity pool takes ID tokens; this access token gets no role and no credentials.',
    )
  } else if (isId && !audience)
    wrong.push('It names no audience (aud), which an identity pool asks for.')

  const email = text('email')
  return {
    kind,
    who: text('cognito:username') || text('username') || text('client_id') || text('sub'),
    subject: text('sub'),
    issuer: text('iss'),
    client: text('client_id') || audience,
    ...(email && { email }),
    groups: list('cognito:groups'),
    roles: list('cognito:roles'),
    scopes: list('scope'),
    ...(isId && { role: explainRole(claims) }),
    ...(issuedAt && { issuedAt }),
    ...(expiresAt && { expiresAt }),
    wrong,
  }
}

/** `43 minutes`: the largest unit that fits twice, or once where it is the smallest. */
export function span(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1_000)
  const [size, unit]: [number, string] =
    seconds >= 172_800
      ? [86_400, 'day']
      : seconds >= 7_200
        ? [3_600, 'hour']
        : seconds >= 120
          ? [60, 'minute']
          : [1, 'second']
  const count = Math.floor(seconds / size)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

import { eventCounts } from '../../packages/machine/src/events.ts'

/** A way to get machine tokens, and how many it takes a day. */
interface Way {
  what: string
  tokensPerDay: number
}

const SECONDS_PER_DAY = 86_400
const HOUR = 3_600
/** `machineToken` renews a token in the background from about this part of its life. */
const RENEWED_AT = 0.75

const tokensPerDay = (lifeSeconds: number, holders: number): number =>
  (SECONDS_PER_DAY / (lifeSeconds * RENEWED_AT)) * holders

const WAYS: Way[] = [
  {
    what: 'a new token for each request, 10 requests a second',
    tokensPerDay: 10 * SECONDS_PER_DAY,
  },
  {
    what: '1,000 processes, each keeps its own token (valid for 1 hour)',
    tokensPerDay: tokensPerDay(HOUR, 1_000),
  },
  { what: '1,000 processes that share a store', tokensPerDay: tokensPerDay(HOUR, 1) },
  {
    what: 'the same, with tokens that are valid for a day',
    tokensPerDay: tokensPerDay(SECONDS_PER_DAY, 1),
  },
]

/** Writes the table of what tokens cost, at the price that `token.stats()` assumes. */
export function tokenCosts(): string {
  const dollarsPerToken = dollarsForOne()
  const dollars = (tokens: number): string => {
    const amount = tokens * dollarsPerToken
    // Less than a cent is not nothing.
    return `$${number(amount, amount < 0.01 ? 3 : 2)}`
  }
  const rows = WAYS.map(
    ({ what, tokensPerDay: tokens }) =>
      `| ${what} | ${number(tokens, tokens < 10 ? 1 : 0)} | ${dollars(tokens)} | ${dollars(30 * tokens)} |`,
  )
  return [
    `At $${dollarsPerToken} for a token:`,
    '',
    '| how tokens are used | tokens a day | a day | 30 days |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function dollarsForOne(): number {
  const counts = eventCounts(undefined, false)
  counts.count({ type: 'minted', durationMs: 0 })
  return counts.stats().dollarsSpent
}

const number = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

import { describeValue } from '@iamfetch/core'

/** Names a claim in a message: `the "iss" "https://issuer.example.com"`, or `no "iss"`. */
export const shownClaim = (name: string, value: unknown): string =>
  value === undefined ? `no "${name}"` : `the "${name}" ${describeValue(value)}`

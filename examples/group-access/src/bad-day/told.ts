import type { Setting } from 'iamfetch/explain'

/** What the page shows about a call that failed or had to recover: a short sentence first, details to open. It contains no token. */
export interface Told {
  /** `recovered`: the call succeeded after a correction. */
  tone: 'refused' | 'recovered'
  headline: string
  /** The sentence after it. */
  because: string
  /** What is known, a term and its value each. */
  facts: readonly (readonly [term: string, value: string])[]
  /** What to change, the likeliest first. */
  change: readonly string[]
  /** Settings to copy. */
  settings: readonly Setting[]
  /** What was looked into and is fine, and what may have been the reason. */
  ruledOut: readonly string[]
  suspects: readonly string[]
  /** The text of the refusal itself. */
  words: string
  /** The role that called, if the refusal names it. */
  role?: string
  /** What the page can do about it. */
  action?: Action
}

/** Something that may help, and the button for it. */
export interface Action {
  kind: 'repeat' | 'new-session' | 'new-token' | 'sign-in'
  label: string
}

/** A story with nothing but its sentences; the rest is filled in by who tells it. */
export const told = (part: Pick<Told, 'tone' | 'headline' | 'because'> & Partial<Told>): Told => ({
  facts: [],
  change: [],
  settings: [],
  ruledOut: [],
  suspects: [],
  words: '',
  ...part,
})

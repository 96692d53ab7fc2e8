import type { Setting } from 'iamfetch/explain'

/** What a person is told about a call on a bad day: a short sentence first, the rest to open. No token is in it. */
export interface Told {
  /** `healed`: the call succeeded nevertheless. */
  tone: 'refused' | 'healed'
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
  /** What the gateway, or whoever refused, said itself. */
  words: string
  /** The role that really called, where that was told. */
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

import { invalidOption, type InvalidOptionError } from '../invalid-option.ts'

/** A part of a template that the local stack does not run. */
export interface TemplateNote {
  /** The logical ID of the resource. */
  logicalId: string
  /** Why, and what it means for the stack. */
  reason: string
}

/** Collects the parts of a template that cannot be run. */
export interface Problems {
  /** What is not run, and changes no decision about a call. */
  note(logicalId: string, reason: string): void
  /** Notes a part that would change a decision: the template is refused unless the resource is in `skip`. */
  refuse(logicalId: string, reason: string): void
  /** Whether this was left out on purpose. */
  isSkipped(logicalId: string): boolean
  readonly notes: readonly TemplateNote[]
  readonly refusals: readonly TemplateNote[]
}

export function createProblems(skip: readonly string[]): Problems {
  const notes: TemplateNote[] = []
  const refusals: TemplateNote[] = []
  const add = (list: TemplateNote[], logicalId: string, reason: string): void => {
    if (list.some((problem) => problem.logicalId === logicalId && problem.reason === reason)) return
    list.push({ logicalId, reason })
  }
  return {
    notes,
    refusals,
    isSkipped: (logicalId) => skip.includes(logicalId),
    note: (logicalId, reason) => add(notes, logicalId, reason),
    refuse(logicalId, reason) {
      add(skip.includes(logicalId) ? notes : refusals, logicalId, reason)
    },
  }
}

/** The error for a template that cannot be run as it is. */
export interface TemplateError extends InvalidOptionError {
  /** All that would change a decision. */
  readonly problems: readonly TemplateNote[]
}

/** Creates the error that names everything that would change a decision. */
export function templateError(file: string, problems: readonly TemplateNote[]): TemplateError {
  const lines = problems.map(({ logicalId, reason }) => `\n- ${logicalId}: ${reason}`)
  const remedy = `Correct each of them, or leave the resources out with the option "skip"`
  const error = invalidOption(
    'stackFromTemplate',
    `"${file}" has what would change a decision. ${remedy}.${lines.join('')}`,
  )
  return Object.assign(error, { problems })
}

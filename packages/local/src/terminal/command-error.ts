/** Something that the person at the terminal can put right. Its `cause` is shown with its stack. */
export class CommandError extends Error {
  /** What the process ends with: 1 where something failed, 2 where the command was wrong. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

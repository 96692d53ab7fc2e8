import type { Paint } from './paint.ts'

/** One command of the terminal. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string
  /** What `--help` prints after the name of the program. */
  readonly help: string
  /** @returns The exit code. */
  run(args: readonly string[], surroundings: Surroundings): Promise<number>
}

/** The environment of a command. */
export interface Surroundings {
  /** The name under which the program was started. */
  readonly name: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly paint: Paint
  /** Prints the result, to stdout. */
  print(text: string): void
  /** Prints a note to stderr. */
  note(text: string): void
}

/** An error that the person at the terminal can fix. It is printed as a sentence, without a stack. */
export class CommandError extends Error {
  /** 1 where something failed, 2 where the command or its input is wrong. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

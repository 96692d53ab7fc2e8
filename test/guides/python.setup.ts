import { installPython } from './python.ts'

/** Runs once before the test files, which share what it installs. */
export const setup = installPython

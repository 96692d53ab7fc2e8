/** One line of the result. */
export interface Row {
  /** `undefined` if it could not be run. */
  ok: boolean | undefined
  text: string
}

// Prints results, and counts the failures.
let failures = 0

/** Prints one result. `detail` of a failure is shown in full. */
export function result(fine, what, detail = '') {
  if (!fine) failures++
  console.log(`${fine ? 'ok  ' : 'FAIL'} ${what}${fine || !detail ? '' : `\n${detail}`}`)
}

/** Something that could not be looked at here, said plainly. */
export const unchecked = (what, why) => console.log(`---- ${what}: not checked, ${why}`)

export const step = (title) => console.log(`\n${title}`)
export const failed = () => failures

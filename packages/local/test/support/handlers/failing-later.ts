/** Never answers, and fails outside of its call. */
export function handler(): Promise<never> {
  setImmediate(() => {
    throw new Error('too late')
  })
  return new Promise(() => {})
}

/**
 * Waits for what `begin` starts until the signal aborts; what was started goes on for the others.
 *
 * @param begin   Not called for a signal that aborted before.
 * @param signal  Left out, the wait has no other end.
 * @returns What `begin` gave; rejects with the signal's reason when it aborts first.
 */
export function abandonable<T>(
  begin: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return begin()
  return new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason)
    if (signal.aborted) return abandon()
    signal.addEventListener('abort', abandon)
    begin()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abandon))
  })
}

/**
 * Waits for work until the signal aborts. The work goes on, because others may wait for it as well.
 *
 * @param begin   Starts the work. Not called if the signal has aborted already.
 * @param signal  Ends the wait. If `undefined`, nothing but the work does.
 * @returns The result of the work; rejects with the signal's reason if that aborts first.
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

/** Whether the platform reports that the device is offline. `false` if it does not report that, as in Node. */
export function isOffline(): boolean {
  const { navigator }: { navigator?: { onLine?: boolean } } = globalThis
  return navigator?.onLine === false
}

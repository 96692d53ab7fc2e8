/** Whether the platform reports that the device is offline. `false` if it does not report that. */
export const isOffline = (): boolean => globalThis.navigator?.onLine === false

/**
 * Compares this device's clock with that of the server that the page came from: its `Date` may be read where that of an
 * API behind CORS may not.
 *
 * @returns How many milliseconds the device is ahead; `undefined` if the server does not send its time.
 */
export async function deviceAheadMs(): Promise<number | undefined> {
  try {
    const sentAt = Date.now()
    const { headers } = await fetch('config.json', { method: 'HEAD', cache: 'no-store' })
    // Halfway there and back; an answer with an Age was kept somewhere and tells an old time.
    const ahead = (sentAt + Date.now()) / 2 - Date.parse(headers.get('date') ?? '')
    return headers.has('age') || Number.isNaN(ahead) ? undefined : ahead
  } catch {
    return undefined
  }
}

/** How far a clock may be off before API Gateway refuses, in milliseconds. */
export const CLOCK_WINDOW_MS = 300_000

/** `2 hours slow`; whole minutes. */
export function offInWords(aheadMs: number): string {
  const minutes = Math.round(Math.abs(aheadMs) / 60_000)
  const parts = [
    [Math.floor(minutes / 60), 'hour'],
    [minutes % 60, 'minute'],
  ] as const
  const words = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n > 1 ? 's' : ''}`)
  return `${words.join(' ') || 'less than a minute'} ${aheadMs < 0 ? 'slow' : 'fast'}`
}

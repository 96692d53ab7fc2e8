/** A moment as signatures write it: `20260101T000000Z`. */
export const amzDate = (ms: number): string =>
  new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')

/**
 * Reads such a moment.
 *
 * @returns Nothing for any spelling but the one that a signer writes: 31 February or 24 o'clock would be
 *   taken for another moment, and a signature of that moment would match.
 */
export function readAmzDate(text: string): Date | undefined {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z')
  const date = new Date(iso)
  if (iso === text || Number.isNaN(date.getTime())) return undefined
  return date.toISOString() === iso ? date : undefined
}

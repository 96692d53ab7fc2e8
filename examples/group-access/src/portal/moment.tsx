import { useEffect, useState } from 'react'

const STEPS = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [Infinity, 'day'],
] as const
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

/** A moment, as far away as it is; the exact one is in the title. */
export function Moment({ at }: { at: string | number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000)
    return () => clearInterval(timer)
  }, [])
  const date = new Date(at)
  return (
    <time dateTime={date.toISOString()} title={exact.format(date)}>
      {awayFrom(date.getTime(), now)}
    </time>
  )
}

function awayFrom(at: number, now: number): string {
  let away = (at - now) / 1_000
  // What is shown may be 10 seconds behind.
  if (Math.abs(away) <= 15) return 'just now'
  for (const [size, unit] of STEPS) {
    if (Math.abs(Math.round(away)) < size) return relative.format(Math.round(away), unit)
    away /= size
  }
  return ''
}

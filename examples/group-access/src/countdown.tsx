import { useEffect, useState } from 'react'

/** How long the credentials still last, as a clock and as a bar. */
export function Countdown({ expiresAt, now }: { expiresAt: number; now: () => number }) {
  const [left, setLeft] = useState(() => expiresAt - now())
  useEffect(() => {
    const tick = (): void => setLeft(expiresAt - now())
    tick()
    const timer = setInterval(tick, 1_000)
    return () => clearInterval(timer)
  }, [expiresAt, now])

  const seconds = Math.max(0, Math.floor(left / 1_000))
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return (
    <span className="countdown">
      <span role="timer" aria-label={`Credentials expire in ${Math.ceil(seconds / 60)} minutes`}>
        {seconds > 0 ? text : 'expired'}
      </span>
      <meter min={0} max={3_600} value={seconds} aria-hidden="true" />
    </span>
  )
}

import { useEffect, useState } from 'react'

const tickMs = 250

/** Whole seconds that are left of `seconds`, counted from the first draw; 0 at the end and for undefined. */
export function useCountdown(seconds: number | undefined): number {
  const [endsAtMs] = useState(() => Date.now() + (seconds ?? 0) * 1_000)
  const [left, setLeft] = useState(seconds ?? 0)
  const isOver = left <= 0
  useEffect(() => {
    if (isOver) return undefined
    const timer = setInterval(() => setLeft(Math.ceil((endsAtMs - Date.now()) / 1_000)), tickMs)
    return () => clearInterval(timer)
  }, [endsAtMs, isOver])
  return Math.max(0, left)
}

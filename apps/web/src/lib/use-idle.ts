import { useEffect, useState } from 'react'

const latestMs = 1_500

/** True once the page is drawn and the browser has nothing better to do. */
export function useIsIdle(): boolean {
  const [isIdle, setIsIdle] = useState(false)
  useEffect(() => {
    const begin = () => setIsIdle(true)
    // Safari has no requestIdleCallback.
    if (typeof requestIdleCallback === 'undefined') {
      const timer = setTimeout(begin, 1)
      return () => clearTimeout(timer)
    }
    const handle = requestIdleCallback(begin, { timeout: latestMs })
    return () => cancelIdleCallback(handle)
  }, [])
  return isIdle
}

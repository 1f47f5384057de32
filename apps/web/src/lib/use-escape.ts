import { useEffect, useEffectEvent } from 'react'

/** Escape, unless something nearer has taken it: an open menu, a dialog, an input method. */
export function useEscape(onEscape: () => void) {
  const escaped = useEffectEvent(onEscape)
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) escaped()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}

import { useEffect, useState } from 'react'
import { type Autosave, createAutosave } from './autosave.ts'
import { isWorthRetrying } from './problem.ts'

/**
 * Keeps what is typed on a page every two seconds, when the tab is hidden, and on leaving.
 *
 * @param save the first one given is used for good
 */
export function useAutosave<T extends object>(
  save: (changes: Partial<T>) => Promise<unknown>,
): Autosave<T> {
  const [autosave] = useState(() => createAutosave<T>({ save, isPassing: isWorthRetrying }))
  useEffect(() => {
    autosave.open()
    const flushWhenHidden = () => {
      if (document.hidden) void autosave.flush()
    }
    document.addEventListener('visibilitychange', flushWhenHidden)
    return () => {
      document.removeEventListener('visibilitychange', flushWhenHidden)
      void autosave.close()
    }
  }, [autosave])
  return autosave
}

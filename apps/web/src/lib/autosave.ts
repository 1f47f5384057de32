export type AutosaveState =
  | { readonly kind: 'saved' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'failed'; readonly error: unknown }

export type Autosave<T extends object> = ReturnType<typeof createAutosave<T>>

type Options<T extends object> = {
  readonly save: (changes: Partial<T>) => Promise<unknown>
  /** Whether trying the same again may help; without it the next change has to come first. */
  readonly isPassing?: (error: unknown) => boolean
  readonly delayMs?: number
  readonly retryMs?: number
}

/**
 * Keeps what is typed: changes of two seconds go out as one request, never two at a time, and what
 * could not be kept stays and is tried again.
 */
export function createAutosave<T extends object>(options: Options<T>) {
  const { save, isPassing = () => true, delayMs = 2_000, retryMs = 10_000 } = options
  let changes: Partial<T> | undefined
  let state: AutosaveState = { kind: 'saved' }
  let timer: ReturnType<typeof setTimeout> | undefined
  let sending: Promise<boolean> | undefined
  let isOpen = true
  const listeners = new Set<() => void>()

  function enter(next: AutosaveState) {
    state = next
    for (const listener of listeners) listener()
  }

  function schedule(afterMs: number) {
    timer ??= setTimeout(() => void flush(), afterMs)
  }

  async function send(sent: Partial<T>): Promise<boolean> {
    changes = undefined
    enter({ kind: 'saving' })
    try {
      await save(sent)
      enter({ kind: changes === undefined ? 'saved' : 'waiting' })
      return true
    } catch (error) {
      changes = { ...sent, ...(changes as Partial<T> | undefined) }
      enter({ kind: 'failed', error })
      if (isPassing(error) && isOpen) schedule(retryMs)
      return false
    } finally {
      sending = undefined
    }
  }

  /** Sends what waits. @returns whether everything typed before the call is kept now. */
  async function flush(): Promise<boolean> {
    clearTimeout(timer)
    timer = undefined
    if (sending !== undefined && !(await sending)) return false
    clearTimeout(timer)
    timer = undefined
    if (changes === undefined) return true
    sending = send(changes)
    return sending
  }

  return {
    change(next: Partial<T>) {
      changes = { ...changes, ...next } as Partial<T>
      if (state.kind !== 'saving') enter({ kind: 'waiting' })
      schedule(delayMs)
    },
    flush,
    open() {
      isOpen = true
    },
    /** Sends what waits a last time. */
    close() {
      isOpen = false
      return flush()
    },
    state: () => state,
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

import { createContext, use, useSyncExternalStore } from 'react'

/** Whether the server answered the last time somebody asked it. */
export type Reachability = {
  /** A `fetch` that notes how it went. */
  readonly watch: (send: typeof fetch) => typeof fetch
  readonly isReachable: () => boolean
  readonly subscribe: (listener: () => void) => () => void
}

export function createReachability(): Reachability {
  const listeners = new Set<() => void>()
  let isReachable = true
  const note = (answered: boolean) => {
    if (answered === isReachable) return
    isReachable = answered
    for (const listener of listeners) listener()
  }
  return {
    watch: (send) => async (input, init) => {
      try {
        const reply = await send(input, init)
        note(true)
        return reply
      } catch (error) {
        if (init?.signal?.aborted !== true) note(false)
        throw error
      }
    },
    isReachable: () => isReachable,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const ReachabilityContext = createContext<Reachability>(createReachability())

export function useIsServerReachable(): boolean {
  const { subscribe, isReachable } = use(ReachabilityContext)
  return useSyncExternalStore(subscribe, isReachable)
}

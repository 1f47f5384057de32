import { createContext, use, useSyncExternalStore } from 'react'

/** The question for the password, which calls ask and a dialog answers. */
export type StepUp = {
  /** Resolves once the dialog is answered; calls that ask meanwhile get the same answer. */
  readonly ask: () => Promise<boolean>
  readonly answer: (isGiven: boolean) => void
  readonly isAsked: () => boolean
  readonly subscribe: (listener: () => void) => () => void
}

export function createStepUp(): StepUp {
  const listeners = new Set<() => void>()
  let open: PromiseWithResolvers<boolean> | undefined
  const tell = () => {
    for (const listener of listeners) listener()
  }
  return {
    ask() {
      if (open === undefined) {
        open = Promise.withResolvers<boolean>()
        tell()
      }
      return open.promise
    },
    answer(isGiven) {
      const answered = open
      open = undefined
      answered?.resolve(isGiven)
      tell()
    },
    isAsked: () => open !== undefined,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const StepUpContext = createContext<StepUp>(createStepUp())

export function useStepUp() {
  const stepUp = use(StepUpContext)
  const isAsked = useSyncExternalStore(stepUp.subscribe, stepUp.isAsked)
  return { isAsked, answer: stepUp.answer }
}

import type { Run, RunState } from '@studioops/contracts/runs'
import { useEffect, useEffectEvent, useReducer, useRef, useSyncExternalStore } from 'react'
import { followRun, type StreamedEvent, type StreamLink } from './event-stream.ts'
import { emptyProgress, reduceRun, type RunProgress } from './run-progress.ts'

export type FollowedRun = {
  readonly progress: RunProgress
  readonly link: StreamLink
}

const goingOn: ReadonlySet<RunState> = new Set(['running', 'waiting', 'interrupted'])

export function isGoingOn(run: Run | undefined): boolean {
  return run !== undefined && goingOn.has(run.state)
}

type State = FollowedRun & { readonly runId: string | undefined }

type Action = { readonly runId: string } & (
  | { readonly streamed: StreamedEvent }
  | { readonly link: StreamLink }
)

const nothing: State = { runId: undefined, progress: emptyProgress, link: 'live' }

function reduce(state: State, action: Action): State {
  const current = state.runId === action.runId ? state : { ...nothing, runId: action.runId }
  if ('link' in action) return { ...current, link: action.link }
  return { ...current, progress: reduceRun(current.progress, action.streamed) }
}

/**
 * What a run says, live while it goes on and replayed once it has ended. Leaving the page ends the
 * following only. A hidden tab gives its connection back, because browsers have six for all tabs.
 *
 * @param onEnd called when a run that was going on has ended or can no longer be followed
 */
export function useFollowedRun(run: Run | undefined, onEnd: () => void): FollowedRun {
  const [state, dispatch] = useReducer(reduce, nothing)
  const isVisible = useSyncExternalStore(subscribeToVisibility, () => !document.hidden)
  const last = useRef<{ runId: string; id: string; isDone: boolean }>(undefined)
  const ended = useEffectEvent(onEnd)
  const runId = run?.id
  const isLive = isGoingOn(run)

  useEffect(() => {
    const known = last.current?.runId === runId ? last.current : undefined
    // Behind its end a run has nothing more to say, and the server would wait with us.
    if (runId === undefined || !isVisible || known?.isDone === true) return
    const leaving = new AbortController()
    const following = followRun(
      {
        runId,
        isOver: !isLive,
        after: known?.id,
        onEvent(streamed) {
          last.current = { runId, id: streamed.id, isDone: streamed.event.type === 'done' }
          dispatch({ runId, streamed })
        },
        onLink: (link) => dispatch({ runId, link }),
      },
      leaving.signal,
    )
    const settle = () => {
      if (isLive && !leaving.signal.aborted) ended()
    }
    // A refusal shows itself when the story is asked for again: it has the same cause.
    following.then(settle, settle)
    return () => leaving.abort()
  }, [runId, isLive, isVisible])

  return state.runId === runId ? state : nothing
}

function subscribeToVisibility(listener: () => void) {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

import type { Problem } from '@studioops/contracts/problem'
import type { RunEvent } from '@studioops/contracts/runs'

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>

/** Why text was dropped. `replaced`: the next attempt began without a word about the last one. */
export type DropReason = EventOf<'reset'>['reason'] | 'replaced'

export type Attempt = {
  readonly model: string
  readonly attempt: number
  /** Number of the automatic repair; 0 for the first writing. */
  readonly round: number
}

export type DroppedText = {
  readonly text: string
  readonly reason: DropReason
  readonly model: string | undefined
}

/** What a run has said so far. */
export type RunProgress = {
  /** Id of the last event; the stream goes on behind it. */
  readonly lastId: string | undefined
  /** JSON text of the reply as far as it has come. */
  readonly text: string
  /** The next text begins an answer of its own, never a splice: what a model said is kept apart. */
  readonly isTextVoid: boolean
  readonly isThinking: boolean
  /** What is done before the first word. */
  readonly phase: EventOf<'status'>['phase'] | undefined
  /** Tools that were called, in their order, each as it stands. */
  readonly tools: readonly Omit<EventOf<'tool'>, 'type'>[]
  readonly attempts: readonly Attempt[]
  readonly dropped: readonly DroppedText[]
  readonly question: Omit<EventOf<'clarify'>, 'type'> | undefined
  readonly answered: readonly { readonly question: string; readonly answer: string }[]
  readonly problem: Problem | undefined
  readonly done: Omit<EventOf<'done'>, 'type'> | undefined
}

export const emptyProgress: RunProgress = {
  lastId: undefined,
  text: '',
  isTextVoid: false,
  isThinking: false,
  phase: undefined,
  tools: [],
  attempts: [],
  dropped: [],
  question: undefined,
  answered: [],
  problem: undefined,
  done: undefined,
}

type Streamed = { readonly id: string; readonly event: RunEvent }

/**
 * The state after one more event. An event that was seen already, by its place in the run, changes
 * nothing, so a stream may be replayed from anywhere.
 */
export function reduceRun(state: RunProgress, { id, event }: Streamed): RunProgress {
  if (placeOf(id) <= placeOf(state.lastId)) return state
  return { ...apply(state, event), lastId: id }
}

/** The id is `<epoch>.<seq>`, and `seq` is dense over all epochs of a run. */
function placeOf(id: string | undefined): number {
  if (id === undefined) return -1
  return Number(id.slice(id.lastIndexOf('.') + 1))
}

const changes: {
  readonly [T in RunEvent['type']]: (state: RunProgress, event: EventOf<T>) => RunProgress
} = {
  provider: (state, { model, attempt, round }) => ({
    ...drop(state, 'replaced'),
    attempts: [...state.attempts, { model, attempt, round }],
    isThinking: false,
  }),
  status: (state, { phase }) => ({
    ...state,
    phase,
    // An attempt that begins anew calls its tools anew.
    tools: phase === 'planning' ? [] : state.tools,
  }),
  tool: (state, { type: _, ...call }) => ({
    ...state,
    tools: state.tools.some(({ callId }) => callId === call.callId)
      ? state.tools.map((each) => (each.callId === call.callId ? call : each))
      : [...state.tools, call],
  }),
  thinking: (state) => ({ ...state, isThinking: true }),
  assistant_token: (state, { text }) => {
    const clean = state.isTextVoid ? drop(state, 'replaced') : state
    return { ...clean, text: clean.text + text, isThinking: false }
  },
  reset: (state, { reason }) => ({ ...drop(state, reason), isThinking: false }),
  clarify: (state, { requestId, question, options }) => ({
    ...state,
    text: '',
    isThinking: false,
    question: { requestId, question, options },
  }),
  clarified: (state, { requestId, answer }) => ({
    ...state,
    question: undefined,
    answered:
      state.question?.requestId === requestId
        ? [...state.answered, { question: state.question.question, answer }]
        : state.answered,
  }),
  error: (state, { problem }) => ({ ...state, problem, isThinking: false, isTextVoid: true }),
  done: (state, { type: _, ...done }) => ({
    ...state,
    done,
    question: undefined,
    isThinking: false,
  }),
}

function apply(state: RunProgress, event: RunEvent): RunProgress {
  // The table has an entry for each type; the compiler cannot tie the entry to the event through it.
  const change = changes[event.type] as (state: RunProgress, event: RunEvent) => RunProgress
  return change(state, event)
}

function drop(state: RunProgress, reason: DropReason): RunProgress {
  const { text, attempts, dropped } = state
  const cleared = { ...state, text: '', isTextVoid: false }
  if (text === '') return cleared
  return { ...cleared, dropped: [...dropped, { text, reason, model: attempts.at(-1)?.model }] }
}

import type { OpenedAnswer } from '../../platform/outbound/exchange.ts'
import { OutboundError } from '../../platform/outbound/outbound-error.ts'
import {
  AnswerFault,
  type CompletionReader,
  type FinishReason,
  type Usage,
} from './completion-reader.ts'
import type { ToolCallDelta } from './tool-calls.ts'
import { fromOutbound, ModelError } from './model-error.ts'
import { startWatch, type Watch, type WatchTimes } from './watch.ts'

export type ModelEvent =
  /** The model reasons; empty where it keeps that to itself. */
  | { readonly type: 'thinking'; readonly text: string }
  /** What has arrived since the last one: one token or many. */
  | { readonly type: 'token'; readonly text: string }
  /** A piece of a call; act on it only after `done`. */
  | { readonly type: 'tool'; readonly call: ToolCallDelta }
  /** The answer is whole. `ttftMs`: from the call to the first text. */
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      readonly usage?: Usage
      readonly ttftMs: number
    }

const defaultTimes = { firstTokenMs: 10_000, idleMs: 15_000, totalMs: 120_000 }

/** One call of a model, whatever it speaks: how it is asked, and how its answer is read. */
export type Call = {
  readonly host: string
  readonly model: string
  readonly reader: CompletionReader
  /** No tools are offered, so a call of a tool is the shape of the answer: its text. */
  readonly isShaped?: boolean
  /**
   * Asks until the server begins to answer.
   *
   * @returns an answer of status 2xx, its body unread
   * @throws ModelError
   */
  ask(signal: AbortSignal): Promise<OpenedAnswer>
}

type Options = Partial<WatchTimes> & { readonly signal?: AbortSignal | undefined }

/**
 * Streams the answer of one call and guards it: the clocks, the one end that counts as whole, and
 * one kind of error for all that can happen.
 *
 * @throws ModelError; what `hear` throws, and then the request is closed
 */
export async function streamAnswer(
  call: Call,
  { signal, ...times }: Options,
  hear: (event: ModelEvent) => void,
): Promise<void> {
  const began = performance.now()
  const watch = startWatch({ ...defaultTimes, ...times }, signal)
  const { reader } = call
  const tell = () => {
    const thought = reader.takeThinking()
    if (thought !== undefined) hear({ type: 'thinking', text: thought })
    const text = reader.takeText()
    if (text !== '') hear({ type: 'token', text })
    for (const piece of reader.takeToolCalls()) {
      if (call.isShaped !== true) hear({ type: 'tool', call: piece })
      else if (piece.arguments !== '') hear({ type: 'token', text: piece.arguments })
    }
  }
  try {
    const answer = await call.ask(watch.signal)
    reader.begin(answer.headers['content-type'])
    if (reader.isWhole()) watch.settle()
    await answer.each((bytes) => {
      if (!reader.feed(bytes)) return true
      tell()
      return goesOn(reader, watch)
    })
    reader.end()
  } catch (error) {
    if (!isHarmless(error, reader, watch)) throw explain(error, { call, watch })
  } finally {
    watch.stop()
  }
  tell()
  const { finishReason = 'other', usage, firstTextAt = performance.now() } = reader.reading
  const ttftMs = Math.round(firstTextAt - began)
  const isShape = call.isShaped === true && finishReason === 'tool_calls'
  hear({
    type: 'done',
    finishReason: isShape ? 'stop' : finishReason,
    ...(usage && { usage }),
    ttftMs,
  })
}

/** Usage may follow the reason to finish. */
const trailerMs = 1_000
/** After `[DONE]` only the end of the body follows; with it the connection can be used again. */
const drainMs = 50

/** Sets the clock for the next event; false when there is nothing to wait for. */
function goesOn({ reading }: CompletionReader, watch: Watch): boolean {
  if (reading.fault !== undefined) throw reading.fault
  if (reading.finishReason !== undefined) {
    watch.finish(reading.ended ? drainMs : trailerMs)
    return true
  }
  if (reading.alive) watch.heard()
  return !reading.ended
}

/** Once a reason to finish was seen, a connection that breaks or stays silent breaks nothing. */
function isHarmless(error: unknown, { reading }: CompletionReader, watch: Watch): boolean {
  if (!(error instanceof OutboundError) || watch.expiry()?.kind === 'aborted') return false
  return reading.finishReason !== undefined
}

type Circumstances = { readonly call: Call; readonly watch: Watch }

function explain(error: unknown, { call, watch }: Circumstances): unknown {
  const { host, model, reader } = call
  // An abort looks the same for all who pass it on; the watch knows why there was one.
  const expiry = isAbort(error) ? watch.expiry() : undefined
  const fault = expiry ?? (error instanceof AnswerFault ? error : undefined)
  if (fault !== undefined)
    return new ModelError({ kind: fault.kind, detail: fault.detail, host, model }, error)
  if (!(error instanceof OutboundError)) return error
  if (!reader.hasBegun() || error.kind === 'too-large') return fromOutbound(error, model)
  const detail = 'the connection broke inside the answer'
  return new ModelError({ kind: 'truncated', detail, host, model }, error)
}

function isAbort(error: unknown): boolean {
  return (error instanceof OutboundError || error instanceof ModelError) && error.kind === 'aborted'
}

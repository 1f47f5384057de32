import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import type { ModelErrorKind } from './model-error.ts'
import { readToolCalls, type ToolCallDelta } from './tool-calls.ts'
import { asRecord, classifyRefusal, readRefusal, safeCode } from './vendor-refusal.ts'

/** Why an answer is whole. `length`: cut by the limit of tokens. `other`: a reason of their own. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'other'

export type Usage = { readonly inputTokens: number; readonly outputTokens: number }

/** The answer itself is at fault. Becomes a ModelError where host and model are known. */
export class AnswerFault extends Error {
  override readonly name = 'AnswerFault'
  readonly kind: ModelErrorKind
  readonly detail: string

  constructor(kind: ModelErrorKind, detail: string) {
    super(`${kind}: ${detail}`)
    this.kind = kind
    this.detail = detail
  }
}

/** Of the text of one answer, in UTF-16 units; the event around a token is many times its size. */
export const answerLengthMax = 2_000_000
/** Of one event that has not ended yet. */
const eventLengthMax = 2_000_000

const finishReasons: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
])

/** Finish reasons that finish nothing (all, GLM, GLM, OpenRouter). */
const faultReasons: ReadonlyMap<string, readonly [ModelErrorKind, string]> = new Map([
  ['content_filter', ['content', 'a content filter ended the answer']],
  ['sensitive', ['content', 'a content filter ended the answer']],
  ['network_error', ['truncated', 'the provider lost its own connection to the model']],
  ['error', ['server', 'the provider ended the answer with an error']],
])

type Wire = {
  readonly error?: unknown
  readonly object?: unknown
  readonly usage?: unknown
  readonly choices?: unknown
}

type Choice = {
  readonly index?: unknown
  readonly delta?: unknown
  readonly message?: unknown
  readonly usage?: unknown
  readonly finish_reason?: unknown
}

type Message = {
  readonly content?: unknown
  readonly refusal?: unknown
  readonly reasoning_content?: unknown
  readonly reasoning?: unknown
  readonly tool_calls?: unknown
  readonly function_call?: unknown
}

type Taken = {
  text: string
  thinking: boolean
  thoughts: string
  toolCalls: ToolCallDelta[]
  events: number
  ended: boolean
  fault: AnswerFault | undefined
}

/** What every reader of an answer does alike: takes bytes, and gives on what they have added. */
export function takeFrom(reading: Taken, readText: (text: string) => void) {
  const decoder = new StringDecoder('utf8')
  return {
    /**
     * Takes bytes as they come; they may be cut inside a character.
     *
     * @returns whether an event was complete
     * @throws AnswerFault; behind text of the same bytes it is kept in `reading.fault` instead
     */
    feed(bytes: Uint8Array): boolean {
      const before = reading.events
      try {
        readText(decoder.write(bytes))
      } catch (error) {
        const hasMore = reading.text !== '' || reading.toolCalls.length > 0
        if (!(error instanceof AnswerFault) || !hasMore) throw error
        reading.fault = error
        return true
      }
      return reading.events > before || reading.ended
    },
    /** The reasoning since the last question; an empty text where it is kept to themselves. */
    takeThinking(): string | undefined {
      const { thinking, thoughts } = reading
      reading.thinking = false
      reading.thoughts = ''
      return thinking ? thoughts : undefined
    },
    /** Pieces of tool calls since the last question. */
    takeToolCalls(): readonly ToolCallDelta[] {
      const { toolCalls } = reading
      if (toolCalls.length > 0) reading.toolCalls = []
      return toolCalls
    },
    /** The text that has arrived since the last question. */
    takeText(): string {
      const { text } = reading
      reading.text = ''
      return text
    },
  }
}

/**
 * Reads the answer of `POST /chat/completions`, as events or as one JSON object from servers that do
 * not stream, and keeps what it adds up to.
 */
export function createCompletionReader() {
  const reading = {
    text: '',
    /** Of all text, thoughts and arguments so far. */
    length: 0,
    /** By `performance.now()`. */
    firstTextAt: undefined as number | undefined,
    thinking: false,
    thoughts: '',
    toolCalls: [] as ToolCallDelta[],
    events: 0,
    /** Text, reasoning or a tool call was seen. */
    alive: false,
    finishReason: undefined as FinishReason | undefined,
    usage: undefined as Usage | undefined,
    /** `[DONE]` was seen. It proves nothing: a proxy adds it after a cut, too. */
    ended: false,
    refused: false,
    /** A tool was called. */
    called: false,
    /** What ended the answer after text that is still to be taken. */
    fault: undefined as AnswerFault | undefined,
  }

  const parser = createParser({
    maxBufferSize: eventLengthMax,
    onEvent({ data, event }) {
      if (data === '[DONE]') reading.ended = true
      else if (!reading.ended && data !== '') readEvent(data, event === 'error')
    },
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded')
        throw new AnswerFault('truncated', 'one event of the stream is larger than 2 MB')
    },
  })

  function readEvent(data: string, isError: boolean): void {
    const wire = parse(data)
    reading.events += 1
    const isFault = isError || wire.object === 'error'
    if (isFault || (wire.error !== undefined && wire.error !== null)) throw toFault(wire)
    readWire(wire)
  }

  function parse(data: string): Wire {
    try {
      const value: unknown = JSON.parse(data)
      if (typeof value === 'object' && value !== null) return value
    } catch {
      // Told below, with the same words as JSON of another kind.
    }
    throw reading.events === 0
      ? new AnswerFault('unexpected-answer', 'an event of the stream is not a JSON object')
      : new AnswerFault('truncated', 'an event of the stream broke off')
  }

  function readWire({ choices, usage }: Wire): void {
    if (usage !== undefined && usage !== null) readUsage(usage)
    if (!Array.isArray(choices)) return
    for (const choice of choices as (Choice | null)[])
      if (choice !== null && (choice.index ?? 0) === 0) readChoice(choice)
  }

  function readChoice({ delta, message, usage, finish_reason: reason }: Choice): void {
    // Some servers end with the whole message once more.
    const added = delta ?? (reading.alive ? undefined : message)
    if (typeof added === 'object' && added !== null) readMessage(added)
    if (usage !== undefined && usage !== null) readUsage(usage)
    // Some servers write an empty reason into every chunk.
    if (typeof reason === 'string' && reason !== '') readReason(reason)
  }

  function readMessage(message: Message): void {
    const text = textOf(message.content)
    if (text !== '') {
      reading.firstTextAt ??= performance.now()
      reading.text += text
      grow(text.length)
    } else if (message.reasoning_content || message.reasoning) {
      const thought = textOf(message.reasoning_content ?? message.reasoning)
      reading.thinking = true
      reading.thoughts += thought
      grow(thought.length)
    }
    if (message.tool_calls || message.function_call) readCalls(message)
    if (message.refusal) reading.refused = true
  }

  function readCalls({ tool_calls: list, function_call: old }: Message): void {
    const calls = readToolCalls(list ?? [{ index: 0, function: old }])
    if (calls.length > 0) reading.firstTextAt ??= performance.now()
    reading.toolCalls.push(...calls)
    reading.called ||= calls.length > 0
    grow(calls.reduce((sum, call) => sum + call.arguments.length, 0))
  }

  function grow(by: number): void {
    reading.length += by
    reading.alive = true
    if (reading.length > answerLengthMax)
      throw new AnswerFault('truncated', 'the answer is longer than 2 MB and was cut')
  }

  function readReason(reason: string): void {
    const fault = faultReasons.get(reason)
    if (fault !== undefined) throw new AnswerFault(...fault)
    if (reading.refused && reading.length === 0)
      throw new AnswerFault('content', 'the model refuses to answer this')
    const finish = finishReasons.get(reason) ?? 'other'
    // Ollama and GLM at third parties end a call of a tool with `stop`.
    reading.finishReason = finish === 'stop' && reading.called ? 'tool_calls' : finish
  }

  function readUsage(usage: unknown): void {
    const { prompt_tokens: input, completion_tokens: output } = asRecord(usage) ?? {}
    if (typeof input !== 'number' || typeof output !== 'number') return
    reading.usage = { inputTokens: input, outputTokens: output }
  }

  let declared: Shape | undefined
  let shape: Shape | undefined
  let whole = ''
  let begun = false

  function readText(text: string): void {
    shape ??= shapeOfText(text)
    if (shape === 'page')
      throw new AnswerFault('unexpected-answer', 'a page for people came instead of an answer')
    if (shape === 'events') parser.feed(text)
    else whole += text
    if (whole.length > answerLengthMax)
      throw new AnswerFault('truncated', 'the answer is longer than 2 MB and was cut')
  }

  return {
    reading,
    /** The head has come. Where the type says nothing useful, the first character decides. */
    begin(contentType: string | undefined): void {
      begun = true
      declared = shapeOf(contentType)
      shape = declared
    },
    hasBegun: () => begun,
    /** The answer comes in one piece, so nothing is heard of it for long. */
    isWhole: () => shape === 'whole',
    ...takeFrom(reading, readText),
    /**
     * The body is over.
     *
     * @throws AnswerFault when it is not a whole answer
     */
    end(): void {
      if (shape === 'events') parser.feed('\n\n') // An event whose empty line is missing counts.
      else readEvent(whole, false)
      if (reading.finishReason === undefined)
        throw unfinished(reading.alive || declared === 'events')
    },
  }
}

type Shape = 'events' | 'whole' | 'page'

function shapeOf(contentType = ''): Shape | undefined {
  if (/event-stream/i.test(contentType)) return 'events'
  if (/json/i.test(contentType)) return 'whole'
  return /html/i.test(contentType) ? 'page' : undefined
}

function shapeOfText(text: string): Shape | undefined {
  const first = text.trimStart()[0]
  if (first === undefined) return undefined
  if (first === '{') return 'whole'
  return first === '<' ? 'page' : 'events'
}

function unfinished(isAnswer: boolean): AnswerFault {
  return isAnswer
    ? new AnswerFault('truncated', 'the answer ended without a reason to finish')
    : new AnswerFault('unexpected-answer', 'the answer is not a chat completion')
}

export type CompletionReader = ReturnType<typeof createCompletionReader>

function toFault(wire: Wire): AnswerFault {
  const refusal = readRefusal(wire.error ? wire : { error: wire })
  const code = safeCode(refusal)
  const detail = `an error came inside the answer${code === undefined ? '' : ` (${code})`}`
  return new AnswerFault(classifyRefusal(refusal, undefined), detail)
}

/** Mistral's thinking models send a list of parts instead of a text. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const texts = content.map((part) => asRecord(part)?.['text'])
  return texts.filter((text) => typeof text === 'string').join('')
}

import { createParser } from 'eventsource-parser'
import { parseOrNothing } from '../ask-model.ts'
import {
  AnswerFault,
  answerLengthMax,
  type CompletionReader,
  type FinishReason,
  takeFrom,
} from '../completion-reader.ts'
import type { ModelErrorKind } from '../model-error.ts'
import { classifyRefusal, readRefusal } from '../vendor-refusal.ts'
import type { CustomConfig } from './company-files.ts'
import { textAt, valueAt } from './json-pointer.ts'

/** Of one event or line that has not ended yet. */
const eventLengthMax = 2_000_000

type Mapping = Pick<
  CustomConfig,
  'stream' | 'response' | 'finishReasons' | 'errorKinds' | 'endMark'
>

/**
 * Reads an answer by the pointers of config.json (D-20) and keeps what it adds up to. It is whole
 * only with a finish reason or with its final text; an end mark or a clean end proves nothing.
 */
export function createCompanyReader(mapping: Mapping): CompletionReader {
  const { response, stream, endMark } = mapping
  const reading: CompletionReader['reading'] = {
    text: '',
    length: 0,
    firstTextAt: undefined,
    thinking: false,
    thoughts: '',
    toolCalls: [],
    called: false,
    events: 0,
    alive: false,
    finishReason: undefined,
    usage: undefined,
    ended: false,
    refused: false,
    fault: undefined,
  }
  const isWhole = stream === 'none'
  let said = ''
  let rest = ''
  let begun = false

  const parser = createParser({
    maxBufferSize: eventLengthMax,
    onEvent: ({ data }) => readEvent(data),
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded') throw tooLong()
    },
  })

  function readEvent(data: string): void {
    if (reading.ended || data.trim() === '') return
    if (endMark !== undefined && data.trim() === endMark) {
      reading.ended = true
      return
    }
    const value = parseOrNothing(data)
    reading.events += 1
    if (typeof value !== 'object' || value === null) throw notJson(reading.events === 1)
    readValue(value)
  }

  function readValue(value: object): void {
    throwIfError(value, mapping)
    readUsage(value)
    const delta = isWhole ? undefined : textAt(value, response.delta)
    if (delta !== undefined && delta !== '') say(delta)
    else if (response.thinking && valueAt(value, response.thinking)) {
      reading.thinking = true
      reading.alive = true
    }
    const final = textAt(value, response.final)
    if (final !== undefined) conclude(final)
    readReason(value)
  }

  function say(text: string): void {
    reading.firstTextAt ??= performance.now()
    reading.text += text
    reading.length += text.length
    reading.alive = true
    said += text
    if (reading.length > answerLengthMax) throw tooLong()
  }

  /** The whole text once more, at the end of a stream or as the answer itself. */
  function conclude(final: string): void {
    if (said === '') say(final)
    else if (said.trim() !== final.trim())
      throw new AnswerFault('truncated', 'the final text is not the text that was streamed')
    reading.finishReason ??= 'stop'
  }

  function readReason(value: object): void {
    const reason = response.finishReason && valueAt(value, response.finishReason)
    if (reason === true) reading.finishReason = 'stop'
    if (typeof reason !== 'string' || reason === '') return
    reading.finishReason = finishReasonOf(reason, mapping)
  }

  function readUsage(value: object): void {
    if (response.usage === undefined) return
    const input = valueAt(value, response.usage.input)
    const output = valueAt(value, response.usage.output)
    if (typeof input === 'number' && typeof output === 'number')
      reading.usage = { inputTokens: input, outputTokens: output }
  }

  function readText(text: string): void {
    if (stream === 'sse') {
      parser.feed(text)
      return
    }
    rest += text
    if (rest.length > eventLengthMax) throw tooLong()
    if (isWhole) return
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) readEvent(line)
  }

  return {
    reading,
    begin(contentType = ''): void {
      begun = true
      if (/html/i.test(contentType)) throw loginPage()
    },
    hasBegun: () => begun,
    isWhole: () => isWhole,
    ...takeFrom(reading, readText),
    end(): void {
      // The last line of a stream may lack its line end.
      if (stream === 'sse') parser.feed('\n\n')
      else if (rest.trim() !== '') readEvent(rest)
      if (reading.finishReason === undefined) throw unfinished(reading, mapping)
    },
  }
}

function finishReasonOf(reason: string, { finishReasons }: Mapping): FinishReason {
  if (finishReasons.content?.includes(reason))
    throw new AnswerFault('content', 'a content filter ended the answer')
  if (finishReasons.length?.includes(reason) || /^(length|max_tokens)$/i.test(reason))
    return 'length'
  return 'stop'
}

/** @throws AnswerFault when the pointer of errors, or of their codes, hits something */
function throwIfError(value: object, { response, errorKinds }: Mapping): void {
  const error = response.error && valueAt(value, response.error)
  const code = response.errorCode && valueAt(value, response.errorCode)
  if (isNothing(error) && isNothing(code)) return
  throw new AnswerFault(kindOfError(value, { response, errorKinds }), 'an error came in the answer')
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === false
}

/** What an error of theirs means: by their code first, else by the words that all servers share. */
export function kindOfError(
  body: unknown,
  { response, errorKinds }: Pick<Mapping, 'response' | 'errorKinds'>,
  status?: number,
): ModelErrorKind {
  const code = response.errorCode === undefined ? undefined : valueAt(body, response.errorCode)
  const error = response.error === undefined ? undefined : valueAt(body, response.error)
  const known = Object.entries(errorKinds).find(([, codes]) =>
    [code, error].some((said) => !isNothing(said) && codes?.includes(String(said))),
  )
  if (known !== undefined) return known[0] as ModelErrorKind
  const refusal = readRefusal(isNothing(error) ? body : { error })
  return classifyRefusal(refusal, status)
}

function loginPage(): AnswerFault {
  return new AnswerFault('auth', 'a page to sign in came instead of an answer')
}

function notJson(isFirst: boolean): AnswerFault {
  return isFirst
    ? new AnswerFault('unexpected-answer', 'what came is not a JSON object')
    : new AnswerFault('truncated', 'an event of the stream broke off')
}

function tooLong(): AnswerFault {
  return new AnswerFault('truncated', 'the answer is longer than 2 MB and was cut')
}

/** A pointer that never hits is a fault of config.json, not of the server. */
function unfinished(
  { alive, events }: CompletionReader['reading'],
  { response, stream }: Mapping,
): AnswerFault {
  if (alive)
    return new AnswerFault('truncated', 'the answer ended without a proof that it is whole')
  if (events === 0) return new AnswerFault('truncated', 'the answer ended before it began')
  const pointer = stream === 'none' ? response.final : (response.delta ?? response.final)
  return new AnswerFault('unexpected-answer', `the pointer ${pointer} never found a text`)
}

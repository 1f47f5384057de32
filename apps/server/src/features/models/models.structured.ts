import { z } from 'zod'
import type { ChatMessage, ReplyShape } from '../../integrations/llm/chat-request.ts'
import { extractJson } from '../../integrations/llm/extract-json.ts'
import type { AnswerDone, AskModels, Question, Voice } from './models.port.ts'

/** What was asked for in a shape. */
export type StructuredAnswer<T> =
  | { readonly kind: 'read'; readonly value: T; readonly done: AnswerDone }
  /** Nobody answered in this shape; `problem` says what was wrong with the last answer. */
  | { readonly kind: 'unreadable'; readonly problem: string; readonly done: AnswerDone }
  | { readonly kind: 'stopped' }

export type StructuredQuestion<T> = Omit<
  Question,
  'reply' | 'tools' | 'toolChoice' | 'passages'
> & {
  readonly reply: ReplyShape
  readonly schema: z.ZodType<T>
}

/**
 * Asks for one JSON object and checks it: providers that promise a shape break it as well. An answer
 * that does not fit is told what is wrong with it, once.
 *
 * @throws AppError as the port does
 */
export type AskStructured = <T>(question: StructuredQuestion<T>) => Promise<StructuredAnswer<T>>

export function createAskStructured(askModels: AskModels): AskStructured {
  return async ({ schema, ...question }) => {
    const first = await askModels(question)
    const read = readAnswer(first, schema)
    if (read.kind !== 'unreadable') return read
    const repair = (voice: Voice): readonly ChatMessage[] => [
      ...messagesOf(question, voice),
      { role: 'assistant', content: first.text },
      { role: 'user', content: repairOf(question, { voice, problem: read.problem }) },
    ]
    return readAnswer(await askModels({ ...question, messages: repair }), schema)
  }
}

function messagesOf({ messages }: Pick<Question, 'messages'>, voice: Voice) {
  return typeof messages === 'function' ? messages(voice) : messages
}

function repairOf(
  { language }: Pick<Question, 'language'>,
  { voice, problem }: { readonly voice: Voice; readonly problem: string },
): string {
  const own = `That cannot be used: ${problem}\nAnswer again with the whole JSON object and nothing else.`
  return voice.company?.repairPrompt({ problem, language }) ?? own
}

function readAnswer<T>(done: AnswerDone, schema: z.ZodType<T>): StructuredAnswer<T> {
  if (done.state === 'stopped') return { kind: 'stopped' }
  if (done.finishReason === 'length')
    return { kind: 'unreadable', problem: 'it was cut off by the limit of its length', done }
  const json = extractJson(done.text)
  if (json === undefined)
    return { kind: 'unreadable', problem: 'there is no JSON object in it', done }
  const parsed = schema.safeParse(JSON.parse(json))
  return parsed.success
    ? { kind: 'read', value: parsed.data, done }
    : { kind: 'unreadable', problem: z.prettifyError(parsed.error), done }
}

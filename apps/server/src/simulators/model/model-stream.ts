import type { ServerResponse } from 'node:http'
import { setImmediate as yieldToOthers, setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault-control.ts'
import type { JsonValue } from '../json-value.ts'
import type { SpokenCall } from './model-orders.ts'
import { vendorError, type ModelVendor } from './model-vendors.ts'

export type Pace = {
  /** From the request to the first token. */
  readonly firstTokenMs: number
  /** From token to token; 0 sends as fast as the client reads. */
  readonly gapMs: number
}

export type Usage = {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
}

export type Speech = {
  readonly id: string
  readonly model: string
  /** Seconds since 1970. */
  readonly created: number
  readonly vendor: ModelVendor
  /** Streamed before the first token. */
  readonly thoughts: readonly string[]
  readonly tokens: readonly string[]
  readonly calls: readonly SpokenCall[]
  readonly finishReason: 'stop' | 'length' | 'tool_calls'
  readonly usage: Usage
  readonly includesUsage: boolean
  readonly faults: readonly Fault[]
  readonly pace: Pace
}

export type StreamEvents = {
  onToken(): void
  /** Right before the simulator itself ends the stream, well or badly. */
  onEnd(): void
}

/** Streams server-sent events until the end, the fault or the departure of the client. */
export async function streamSpeech(
  response: ServerResponse,
  speech: Speech,
  { onToken, onEnd }: StreamEvents,
): Promise<void> {
  const { tokens, pace, faults } = speech
  const send = createSender(response, faults)
  const start = performance.now() + pace.firstTokenMs
  if (faults.some(({ kind }) => kind === 'crlf')) await send.comment('keep-alive')
  await sendThoughts(speech, { response, send })
  for (const [index, token] of tokens.entries()) {
    await waitUntil(start + index * pace.gapMs, response)
    if (response.destroyed) return
    if (index === 0)
      await send.event(chunk(speech, { role: 'assistant', content: '', refusal: null }))
    const struck = faults.find((fault) => 'after' in fault && fault.after === index)
    const striking = { response, send, onEnd, speech }
    if (struck !== undefined && (await strike(struck, striking)) === 'over') return
    await send.event(chunk(speech, { content: token }))
    onToken()
  }
  if (response.destroyed) return
  const last = faults.find((fault) => 'after' in fault && fault.after >= tokens.length)
  const striking = { response, send, onEnd, speech }
  if (last !== undefined && (await strike(last, striking)) === 'over') return
  await sendCalls(speech, send)
  await sendEnd(speech, send)
  onEnd()
  response.end()
}

async function sendThoughts(
  speech: Speech,
  { response, send }: { response: ServerResponse; send: Sender },
): Promise<void> {
  for (const thought of speech.thoughts) {
    if (response.destroyed) return
    await send.event(chunk(speech, { reasoning_content: thought }))
  }
}

const argumentPiece = 12

/** Name and id come once, the arguments in pieces that break anywhere. */
async function sendCalls(speech: Speech, send: Sender): Promise<void> {
  if (speech.tokens.length === 0)
    await send.event(chunk(speech, { role: 'assistant', content: null }))
  for (const [index, { name, arguments: text }] of speech.calls.entries()) {
    const id = `call_${speech.id}_${index}`
    const head = { index, id, type: 'function', function: { name, arguments: '' } }
    await send.event(chunk(speech, { tool_calls: [head] }))
    for (let at = 0; at < text.length; at += argumentPiece) {
      const piece = { index, function: { arguments: text.slice(at, at + argumentPiece) } }
      await send.event(chunk(speech, { tool_calls: [piece] }))
    }
  }
}

async function sendEnd(speech: Speech, send: Sender): Promise<void> {
  await send.event(chunk(speech, {}, speech.finishReason))
  if (speech.vendor === 'openai' && speech.includesUsage)
    await send.event(JSON.stringify({ ...base(speech), choices: [], usage: speech.usage }))
  await send.event('[DONE]')
}

/** Waits in absolute time, so that late timers do not add up. */
async function waitUntil(dueMs: number, response: ServerResponse): Promise<void> {
  const restMs = dueMs - performance.now()
  if (restMs > 0.5 && !response.destroyed) await sleep(restMs)
  else await yieldToOthers()
}

type Striking = {
  readonly response: ServerResponse
  readonly send: Sender
  readonly onEnd: () => void
  readonly speech: Speech
}

const filterReason = { openai: 'content_filter', kimi: 'content_filter', glm: 'sensitive' } as const

async function strike(
  fault: Fault,
  { response, send, onEnd, speech }: Striking,
): Promise<'over' | 'goes-on'> {
  switch (fault.kind) {
    case 'die':
      onEnd()
      response.destroy()
      return 'over'
    case 'stall':
      return 'over'
    case 'no-finish':
      onEnd()
      response.end()
      return 'over'
    case 'error-in-stream':
      await send.event(
        JSON.stringify(
          vendorError(speech.vendor, {
            message: 'The server had an error while processing your request.',
            type: 'server_error',
            param: null,
            code: null,
          }),
        ),
      )
      onEnd()
      response.end()
      return 'over'
    case 'content-filter':
    case 'fake-end':
      if (fault.kind === 'content-filter')
        await send.event(chunk(speech, {}, filterReason[speech.vendor]))
      await send.event('[DONE]')
      onEnd()
      response.end()
      return 'over'
    case 'bad-event':
      await send.event('{"id": "broken", ')
      return 'goes-on'
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others do not strike in mid-stream
    default:
      return 'goes-on'
  }
}

type Sender = {
  event(data: string): Promise<void>
  comment(text: string): Promise<void>
}

const pieceBytes = 7

function createSender(response: ServerResponse, faults: readonly Fault[]): Sender {
  const lineEnd = faults.some(({ kind }) => kind === 'crlf') ? '\r\n' : '\n'
  const cuts = faults.some(({ kind }) => kind === 'split')
  const write = async (text: string): Promise<void> => {
    const bytes = Buffer.from(`${text}${lineEnd}${lineEnd}`)
    if (!cuts) {
      await writeBytes(response, bytes)
      return
    }
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      await writeBytes(response, bytes.subarray(start, start + pieceBytes))
      await sleep(0)
    }
  }
  return {
    event: (data) => write(`data: ${data}`),
    comment: (text) => write(`: ${text}`),
  }
}

/** Follows a slow reader, and comes back at once when the reader has gone. */
async function writeBytes(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.destroyed || response.write(bytes)) return
  const ready = Promise.withResolvers<void>()
  response.once('drain', ready.resolve)
  response.once('close', ready.resolve)
  await ready.promise
  response.off('drain', ready.resolve)
  response.off('close', ready.resolve)
}

function base({ id, model, created, includesUsage, vendor }: Speech): {
  [member: string]: JsonValue
} {
  return {
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    ...(vendor === 'openai' ? { service_tier: 'default', system_fingerprint: 'fp_simulated' } : {}),
    ...(vendor === 'openai' && includesUsage ? { usage: null } : {}),
  }
}

function chunk(
  speech: Speech,
  delta: { [member: string]: JsonValue },
  finishReason: string | null = null,
): string {
  const { vendor, usage } = speech
  const isLast = finishReason !== null
  const choice = {
    index: 0,
    delta,
    ...(vendor === 'openai' ? { logprobs: null } : {}),
    finish_reason: finishReason,
    ...(vendor === 'kimi' && isLast ? { usage: { ...usage, cached_tokens: 0 } } : {}),
  }
  const counted = vendor === 'glm' && isLast ? { usage } : {}
  return JSON.stringify({ ...base(speech), choices: [choice], ...counted })
}

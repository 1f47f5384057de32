import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { jsonAnswer, readBody, type Answer } from '../exchange.ts'
import { createFaultControl, type Fault } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { JsonObject, JsonValue } from '../json-value.ts'
import type { Simulator } from '../simulator.ts'
import { embeddingOf, readEmbeddingRequest } from './model-embeddings.ts'
import { react, readChatRequest, type ChatRequest } from './model-answer.ts'
import { modelFaults, readModelName } from './model-faults.ts'
import { spoil } from './story-spoiling.ts'
import { streamSpeech, type Pace, type Speech } from './model-stream.ts'
import { tokensOf } from './model-tokens.ts'
import {
  objectionOf,
  refusalOf,
  vendorError,
  type ModelVendor,
  type Refusal,
} from './model-vendors.ts'

export type ModelSimulatorOptions = {
  /** The keys that are let in. */
  readonly keys: readonly string[]
  /** Default: OpenAI. */
  readonly vendor?: ModelVendor
  /** The names that are offered; each also takes faults, as in `demo-writer:die:20`. */
  readonly models?: readonly string[]
  /** Default: 250 ms to the first token, 25 ms from token to token. */
  readonly pace?: Pace
  /** Milliseconds since 1970. */
  readonly clock?: () => number
  /** Of the faults that strike with a probability. */
  readonly seed?: number
  /** Is told every question as it came, for whoever looks what models are given. */
  readonly hear?: (body: string) => void
}

export type ModelSimulator = Simulator & { setPace(pace: Pace): void }

export const defaultModels = ['demo-writer', 'demo-writer-mini'] as const

const savedCounts = z.object({ kind: z.literal('model'), version: z.literal(1), lastId: z.int() })

const noCounts = { requests: 0, streams: 0, open: 0, openMax: 0, tokens: 0, aborted: 0 }

/**
 * A chat model behind OpenAI's API. It writes stories for the demo by rules, always the same for
 * the same prompt, at a set pace; a user message that begins with `@@raw ` is given back.
 */
export function createModelSimulator(options: ModelSimulatorOptions): ModelSimulator {
  const { keys, models = defaultModels, clock = Date.now, seed = 1, vendor = 'openai' } = options
  const faults = createFaultControl({ seed, known: modelFaults })
  let pace = options.pace ?? { firstTokenMs: 250, gapMs: 25 }
  let counts = { ...noCounts }
  let byModel: Record<string, number> = {}
  let lastId = 0

  const stream = async (response: ServerResponse, speech: Speech): Promise<undefined> => {
    counts.streams += 1
    counts.open += 1
    counts.openMax = Math.max(counts.openMax, counts.open)
    const mine = counts
    let isOver = false
    response.once('close', () => {
      mine.open -= 1
      if (!isOver) mine.aborted += 1
    })
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...responseHeaders(speech.id),
    })
    response.flushHeaders()
    await streamSpeech(response, speech, {
      onToken: () => (mine.tokens += 1),
      onEnd: () => (isOver = true),
    })
    return undefined
  }

  const speak = (chat: ChatRequest, struck: readonly Fault[]): Speech => {
    lastId += 1
    const isObedient = struck.some(({ kind }) => kind === 'obedient')
    const { text: said, calls } = react(chat, isObedient)
    const careless = struck.find((one) => one.kind === 'careless')
    const text = careless === undefined ? said : spoil(said, { how: careless.how, chat })
    const all = tokensOf(struck.some(({ kind }) => kind === 'prose') ? wrapInProse(text) : text)
    const tokens = all.slice(0, chat.tokensMax ?? all.length)
    const prompt = chat.messages.reduce(
      (sum, message) => sum + 4 + tokensOf(message.text).length,
      3,
    )
    return {
      id: `chatcmpl-simulated-${String(lastId).padStart(8, '0')}`,
      model: chat.model,
      created: Math.floor(clock() / 1000),
      vendor,
      thoughts:
        vendor === 'openai' ? [] : tokensOf('The question is understood, so the answer follows.'),
      tokens,
      calls,
      finishReason: finishOf(tokens.length < all.length, calls.length > 0),
      usage: {
        prompt_tokens: prompt,
        completion_tokens: tokens.length,
        total_tokens: prompt + tokens.length,
      },
      includesUsage: chat.includesUsage,
      faults: struck,
      pace,
    }
  }

  const complete = async (asked: Asked): Promise<Answer | undefined> => {
    const body = await readBody(asked.request)
    options.hear?.(String(body))
    const request = readChatRequest(parse(body))
    if (request.kind === 'bad')
      return errorAnswer(400, { type: 'invalid_request_error', ...request.problem })
    const objection = objectionOf(vendor, request.body)
    if (objection !== undefined) return refusalAnswer({ vendor, refusal: 'bad-request' }, objection)
    const { chat } = request
    byModel[chat.model] = (byModel[chat.model] ?? 0) + 1
    const name = readModelName(chat.model, models)
    if (name.kind === 'unknown') return noSuchModel(chat.model, vendor)
    const struck = asked.fault === undefined ? name.faults : [...name.faults, asked.fault]
    const refused = await refuse(struck, { asked, vendor })
    if (refused !== undefined) return refused === 'handled' ? undefined : refused
    return deliver(asked, chat, speak(chat, struck))
  }

  const deliver = async (
    { response }: Asked,
    chat: ChatRequest,
    speech: Speech,
  ): Promise<Answer | undefined> => {
    if (chat.stream && !speech.faults.some(needsWholeAnswer)) return stream(response, speech)
    await sleep(pace.firstTokenMs + pace.gapMs * Math.max(0, speech.tokens.length - 1))
    if (response.destroyed) {
      counts.aborted += 1
      return undefined
    }
    counts.tokens += speech.tokens.length
    return wholeAnswer(response, speech)
  }

  const posts: Record<string, (asked: Asked) => Promise<Answer | undefined>> = {
    '/chat/completions': complete,
    '/embeddings': (asked) => embed(asked, vendor),
  }

  const answer = async (asked: Asked): Promise<Answer | undefined> => {
    const key = /^Bearer\s+(.+)$/i.exec(asked.request.headers.authorization ?? '')?.[1]
    if (key === undefined || !keys.includes(key)) return wrongKey(key, vendor)
    const path = asked.url.pathname
    const post = asked.method === 'POST' ? posts[path] : undefined
    if (post !== undefined) return post(asked)
    const lists = vendor !== 'glm' && asked.method === 'GET'
    if (lists && path.startsWith('/models')) return answerModels(models, path, vendor)
    return errorAnswer(404, {
      message: `Unknown request URL: ${asked.method} ${path}. The simulator offers /chat/completions, /embeddings and /models.`,
      type: 'invalid_request_error',
      code: 'unknown_url',
    })
  }

  return {
    ...createHandler({
      faults,
      count: () => (counts.requests += 1),
      answer,
      errorBody: (status, text) =>
        vendorError(vendor, {
          message: text,
          type: status < 500 ? 'invalid_request_error' : 'server_error',
          param: null,
          code: status === 429 ? refusalOf(vendor, 'rate').code || null : null,
        }),
    }),
    faults,
    counters: (): JsonObject => ({ ...counts, byModel: { ...byModel } }),
    snapshot: () => ({ kind: 'model', version: 1, lastId }),
    restore(snapshot) {
      const read = savedCounts.safeParse(snapshot)
      if (!read.success) throw new Error('This is not a snapshot of a simulated model.')
      lastId = read.data.lastId
      counts = { ...noCounts }
      byModel = {}
    },
    onChange: () => () => undefined,
    setPace(next) {
      pace = next
    },
  }
}

function parse(body: Buffer | undefined): JsonValue {
  try {
    return JSON.parse(body?.toString() ?? '') as JsonValue
  } catch {
    return null
  }
}

type ErrorFacts = {
  readonly message: string
  readonly type: string
  readonly param?: string | null
  readonly code?: string | null
}

function errorBody({ message, type, param = null, code = null }: ErrorFacts): JsonObject {
  return { error: { message, type, param, code } }
}

function errorAnswer(
  status: number,
  facts: ErrorFacts,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return jsonAnswer(status, errorBody(facts), { ...responseHeaders('error'), ...headers })
}

/** OpenAI's headers, with counts that stand still. */
function responseHeaders(id: string): Record<string, string> {
  return {
    'x-request-id': `req_${id}`,
    'openai-processing-ms': '1',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-reset-requests': '6ms',
  }
}

type Refused = { readonly vendor: ModelVendor; readonly refusal: Refusal }

function refusalAnswer(
  { vendor, refusal }: Refused,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const { status, type, code } = refusalOf(vendor, refusal)
  const body = vendorError(vendor, { message, type, param: null, code: code || null })
  return jsonAnswer(status, body, { ...responseHeaders('error'), ...headers })
}

function finishOf(isCut: boolean, hasCalls: boolean): Speech['finishReason'] {
  if (isCut) return 'length'
  return hasCalls ? 'tool_calls' : 'stop'
}

function wrongKey(key: string | undefined, vendor: ModelVendor): Answer {
  if (key === undefined)
    return errorAnswer(401, {
      message:
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.",
      type: 'invalid_request_error',
    })
  const shown = key.slice(0, 3)
  return refusalAnswer(
    { vendor, refusal: 'key' },
    `Incorrect API key provided: ${shown}***. The demo's key is shown on its page.`,
  )
}

function noSuchModel(model: string, vendor: ModelVendor): Answer {
  return refusalAnswer(
    { vendor, refusal: 'unknown-model' },
    `The model \`${model}\` does not exist or you do not have access to it.`,
  )
}

function answerModels(models: readonly string[], path: string, vendor: ModelVendor): Answer {
  const id = decodeURIComponent(path.slice('/models/'.length))
  if (id === '') return jsonAnswer(200, { object: 'list', data: models.map(presentModel) })
  return readModelName(id, models).kind === 'known'
    ? jsonAnswer(200, presentModel(id))
    : noSuchModel(id, vendor)
}

function presentModel(id: string): JsonObject {
  return { id, object: 'model', created: 1_780_000_000, owned_by: 'studioops-simulator' }
}

/** Its faults are those of the route; its names of models are not looked at. */
async function embed(asked: Asked, vendor: ModelVendor): Promise<Answer | undefined> {
  const request = readEmbeddingRequest(parse(await readBody(asked.request)))
  if (request === undefined)
    return errorAnswer(400, { message: "'input' is invalid.", type: 'invalid_request_error' })
  const struck = asked.fault === undefined ? [] : [asked.fault]
  const refused = await refuse(struck, { asked, vendor })
  if (refused !== undefined) return refused === 'handled' ? undefined : refused
  const tokens = request.texts.reduce((sum, text) => sum + tokensOf(text).length, 0)
  return jsonAnswer(200, {
    object: 'list',
    model: request.model,
    data: request.texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: embeddingOf(text),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

type Refusing = { readonly asked: Asked; readonly vendor: ModelVendor }

/** Faults that end the request before a word is said; those of the model's name come here too. */
async function refuse(
  faults: readonly Fault[],
  { asked, vendor }: Refusing,
): Promise<Answer | 'handled' | undefined> {
  for (const fault of faults) {
    if (fault.kind === 'latency') await sleep(fault.latencyMs)
    if (fault.kind === 'hang') return 'handled'
    if (fault.kind === 'away') {
      asked.request.socket.destroy()
      return 'handled'
    }
    const answer = refusal(fault, vendor)
    if (answer !== undefined) return answer
  }
  return undefined
}

const refusalWords = {
  quota: 'You exceeded your current quota, please check your plan and billing details.',
  overload: 'The engine is currently overloaded, please try again later.',
  content: 'The request was refused because of its content.',
} as const

function refusal(fault: Fault, vendor: ModelVendor): Answer | undefined {
  switch (fault.kind) {
    case 'quota':
    case 'overload':
    case 'content':
      return refusalAnswer({ vendor, refusal: fault.kind }, refusalWords[fault.kind])
    case 'too-many-requests':
      return refusalAnswer(
        { vendor, refusal: 'rate' },
        'Rate limit reached for requests.',
        fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter },
      )
    case 'status':
      return statusAnswer(fault.status, vendor)
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are not refusals
    default:
      return undefined
  }
}

const refusalOfStatus: Readonly<Record<number, readonly [Refusal, string]>> = {
  401: ['key', 'Incorrect API key provided.'],
  404: ['unknown-model', 'The model does not exist or you do not have access to it.'],
}

function statusAnswer(status: number, vendor: ModelVendor): Answer {
  const known = refusalOfStatus[status]
  if (known !== undefined) return refusalAnswer({ vendor, refusal: known[0] }, known[1])
  const { type, code } = refusalOf(vendor, 'server')
  const message = 'The server had an error while processing your request.'
  const body = vendorError(vendor, { message, type, param: null, code: code || null })
  return jsonAnswer(status, body, responseHeaders('error'))
}

/** These faults are done to a whole answer, so they turn a stream into one. */
function needsWholeAnswer({ kind }: Fault): boolean {
  return ['effect-then-lost', 'effect-then-hang', 'garbage', 'slow-body'].includes(kind)
}

/** @returns undefined when a fault has ended the exchange, or left it open */
function wholeAnswer(response: ServerResponse, speech: Speech): Answer | undefined {
  const { faults } = speech
  const kinds = new Set(faults.map(({ kind }) => kind))
  if (kinds.has('stall')) return undefined
  if (kinds.has('die') || kinds.has('no-finish') || kinds.has('fake-end')) {
    response.destroy()
    return undefined
  }
  if (kinds.has('error-in-stream'))
    return errorAnswer(500, {
      message: 'The server had an error while processing your request.',
      type: 'server_error',
    })
  const body = {
    id: speech.id,
    object: 'chat.completion',
    created: speech.created,
    model: speech.model,
    choices: [
      {
        index: 0,
        message: messageOf(speech),
        logprobs: null,
        finish_reason: speech.finishReason,
      },
    ],
    usage: speech.usage,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  }
  const answer = jsonAnswer(200, body, responseHeaders(speech.id))
  return kinds.has('bad-event') ? { ...answer, body: answer.body.subarray(1) } : answer
}

function messageOf({ vendor, thoughts, tokens, calls, id }: Speech): JsonObject {
  const said = tokens.join('')
  return {
    role: 'assistant',
    content: said === '' && calls.length > 0 ? null : said,
    ...(vendor === 'openai' ? { refusal: null, annotations: [] } : {}),
    ...(thoughts.length === 0 ? {} : { reasoning_content: thoughts.join('') }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map(({ name, arguments: text }, index) => ({
            id: `call_${id}_${index}`,
            type: 'function',
            function: { name, arguments: text },
          })),
        }),
  }
}

/** What careless models do to JSON: talk around it and leave a comma too many. */
function wrapInProse(text: string): string {
  const spoilt = text.replace(/\}\s*$/, ',}')
  return `Sure! Here is the story you asked for:\n\n\`\`\`json\n${spoilt}\n\`\`\`\nLet me know if it should change.`
}

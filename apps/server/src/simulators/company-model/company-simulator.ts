import type { ServerResponse } from 'node:http'
import { setImmediate as yieldToOthers, setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { jsonAnswer, readBody, type Answer } from '../exchange.ts'
import { createFaultControl, type Fault } from '../fault-control.ts'
import { createHandler, type Asked } from '../handler.ts'
import type { JsonObject } from '../json-value.ts'
import type { ModelSimulator } from '../model/model-simulator.ts'
import { answerChat, type ChatRequest, react } from '../model/model-answer.ts'
import { modelFaults } from '../model/model-faults.ts'
import type { Pace } from '../model/model-stream.ts'
import { tokensOf } from '../model/model-tokens.ts'
import type { Simulator } from '../simulator.ts'

export type CompanySimulatorOptions = {
  /** Who may come in: the value of the cookie of each person. */
  readonly cookies: Readonly<Record<string, string>>
  readonly pace?: Pace
  readonly seed?: number
  /** Is told every question as it came, for whoever looks what models are given. */
  readonly hear?: (body: string) => void
}

export type CompanySimulator = Simulator & {
  /** Ends the login of a person, as companies do every few hours. */
  expire(employeeId: string): void
  /** Lets the person in again with the same cookie. */
  renew(employeeId: string): void
  /** The last body that was asked with, and its headers without the cookie. */
  lastAsked(): { readonly body: unknown; readonly headers: JsonObject } | undefined
  setPace: ModelSimulator['setPace']
}

const dialogue = z.object({
  engine: z.string().min(1),
  dialogue: z
    .array(z.object({ author: z.enum(['rules', 'person', 'engine']), words: z.string() }))
    .min(1),
  limits: z.object({ words: z.int().optional() }).optional(),
})

/** What it says; without judgement what any text orders. It offers no tools to itself. */
function wordsFor(
  { engine, dialogue: said }: z.output<typeof dialogue>,
  style: Style,
  isObedient: boolean,
): string {
  const question: ChatRequest = {
    model: engine,
    messages: said.map(({ author, words }) => ({ role: roles[author], text: words })),
    stream: style !== 'whole',
    includesUsage: true,
    format: 'text',
    schema: undefined,
    tokensMax: undefined,
  }
  return isObedient ? react(question, true).text : answerChat(question)
}

const roles = { rules: 'system', person: 'user', engine: 'assistant' } as const
const styles: Readonly<Record<string, Style>> = {
  '/api/answer': 'whole',
  '/api/answer/events': 'sse',
  '/api/answer/lines': 'ndjson',
}
type Style = 'whole' | 'sse' | 'ndjson'

const limits: ReadonlyMap<string | undefined, string> = new Map([
  ['quota', 'NO-BUDGET'],
  ['too-many-requests', 'SLOW-DOWN'],
])

const noCounts = { requests: 0, answers: 0, refused: 0, aborted: 0, tokens: 0 }

/**
 * A model that a company made for itself: an API of its own, behind the cookie of a login page. It
 * answers in one piece, as events or as lines, and says who the cookie belongs to at `/api/me`.
 */
export function createCompanySimulator(options: CompanySimulatorOptions): CompanySimulator {
  const faults = createFaultControl({ seed: options.seed ?? 1, known: modelFaults })
  const expired = new Set<string>()
  let pace = options.pace ?? { firstTokenMs: 250, gapMs: 25 }
  let counts = { ...noCounts }
  let last: { body: unknown; headers: JsonObject } | undefined

  const personOf = (header: string | undefined) => {
    const value = /(?:^|;\s*)CORP_LOGIN=([^;]+)/.exec(header ?? '')?.[1]
    const known = Object.entries(options.cookies).find(([, cookie]) => cookie === value)
    return known === undefined || expired.has(known[0]) ? undefined : known[0]
  }

  const answer = async (asked: Asked): Promise<Answer | undefined> => {
    const person = personOf(asked.request.headers.cookie)
    if (person === undefined) {
      counts.refused += 1
      return { status: 302, headers: { location: '/login?back=/api' }, body: Buffer.alloc(0) }
    }
    const path = asked.url.pathname
    if (asked.method === 'GET' && path === '/api/me')
      return jsonAnswer(200, { person: { number: person, mail: `${person}@studio.example` } })
    const style = asked.method === 'POST' ? styles[path] : undefined
    if (style === undefined) return refusal(404, 'NO-SUCH-PATH')
    return speak(asked, style)
  }

  async function speak(asked: Asked, style: Style): Promise<Answer | undefined> {
    const { cookie: _, ...headers } = asked.request.headers
    const sent = await readBody(asked.request)
    options.hear?.(String(sent))
    const body = parse(sent)
    last = { body, headers: headers as JsonObject }
    const read = dialogue.safeParse(body)
    if (!read.success) return refusal(400, 'BAD-DIALOGUE')
    const limited = limits.get(asked.fault?.kind)
    if (limited !== undefined) return refusal(429, limited)
    const text = wordsFor(read.data, style, asked.fault?.kind === 'obedient')
    const all = tokensOf(text)
    const tokens = all.slice(0, read.data.limits?.words ?? all.length)
    const end = {
      state: tokens.length < all.length ? 'CUT' : 'COMPLETE',
      asked: tokensOf(JSON.stringify(body)).length,
      said: tokens.length,
    }
    counts.answers += 1
    if (style !== 'whole') return stream(asked, { style, tokens, end })
    await sleep(pace.firstTokenMs + pace.gapMs * tokens.length)
    counts.tokens += tokens.length
    return jsonAnswer(200, { answer: { words: tokens.join('') }, end })
  }

  async function stream(asked: Asked, speech: Speech): Promise<undefined> {
    const { response, fault } = asked
    response.once('close', () => {
      if (!response.writableFinished) counts.aborted += 1
    })
    const isLines = speech.style === 'ndjson'
    const type = isLines ? 'application/x-ndjson' : 'text/event-stream'
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` })
    response.flushHeaders()
    await sleep(pace.firstTokenMs)
    for (const [index, token] of speech.tokens.entries()) {
      if (response.destroyed) return undefined
      if (strikes(fault, index) && struck(response, { fault, speech }) === 'over') return undefined
      await write(response, frame({ piece: token }, speech.style), fault)
      counts.tokens += 1
      await (pace.gapMs > 0 ? sleep(pace.gapMs) : yieldToOthers())
    }
    // The last line has no line end, as many writers of such streams leave it.
    const end = JSON.stringify({ piece: '', end: speech.end })
    await write(response, isLines ? end : `data: ${end}\n\ndata: [END]\n\n`, fault)
    response.end()
    return undefined
  }

  const handler = createHandler({
    faults,
    count: () => (counts.requests += 1),
    answer,
    errorBody: (status) => problem(status < 500 ? 'REFUSED' : 'BROKEN'),
  })

  return {
    ...handler,
    faults,
    counters: () => ({ ...counts }),
    snapshot: () => ({ kind: 'company-model', version: 1, expired: [...expired] }),
    restore(snapshot) {
      const read = saved.safeParse(snapshot)
      if (!read.success) throw new Error('This is not a snapshot of a simulated company model.')
      expired.clear()
      for (const person of read.data.expired) expired.add(person)
      counts = { ...noCounts }
    },
    onChange: () => () => undefined,
    expire: (employeeId) => void expired.add(employeeId),
    renew: (employeeId) => void expired.delete(employeeId),
    lastAsked: () => last,
    setPace(next) {
      pace = next
    },
  }
}

const saved = z.object({
  kind: z.literal('company-model'),
  version: z.literal(1),
  expired: z.array(z.string()),
})

type Speech = {
  readonly style: Exclude<Style, 'whole'>
  readonly tokens: readonly string[]
  readonly end: JsonObject
}

function problem(code: string): JsonObject {
  return { problem: { code, words: 'The simulated company model refuses this.' } }
}

function refusal(status: number, code: string): Answer {
  return jsonAnswer(status, problem(code))
}

function frame(value: JsonObject, style: Speech['style']): string {
  const text = JSON.stringify(value)
  return style === 'ndjson' ? `${text}\n` : `data: ${text}\n\n`
}

function strikes(fault: Fault | undefined, index: number): boolean {
  return fault !== undefined && 'after' in fault && fault.after === index
}

type Striking = { readonly fault: Fault | undefined; readonly speech: Speech }

function struck(response: ServerResponse, { fault, speech }: Striking): 'over' | 'goes-on' {
  switch (fault?.kind) {
    case 'die':
      response.destroy()
      return 'over'
    case 'stall':
      return 'over'
    case 'no-finish':
      response.end()
      return 'over'
    case 'error-in-stream':
      response.end(frame(problem('ENGINE-DOWN'), speech.style))
      return 'over'
    case 'bad-event':
      response.write(speech.style === 'ndjson' ? '{"piece": \n' : 'data: {"piece": \n\n')
      return 'goes-on'
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others do not strike in mid-stream
    default:
      return 'goes-on'
  }
}

const pieceBytes = 7

async function write(response: ServerResponse, text: string, fault: Fault | undefined) {
  const bytes = Buffer.from(text)
  const step = fault?.kind === 'split' ? pieceBytes : bytes.length
  for (let start = 0; start < bytes.length; start += step) {
    if (response.destroyed) return
    response.write(bytes.subarray(start, start + step))
    if (step < bytes.length) await sleep(0)
  }
}

function parse(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(body?.toString() ?? '')
  } catch {
    return undefined
  }
}

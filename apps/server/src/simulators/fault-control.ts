import { z } from 'zod'
import { createRandom } from './random.ts'

const after = z.int().min(0)

/** What can go wrong. `after` counts tokens of a stream, texts of headers are sent as they are. */
export const fault = z.discriminatedUnion('kind', [
  /** The connection is destroyed before anything happens. */
  z.object({ kind: z.literal('away') }),
  /** The request is read and never answered; nothing happens. */
  z.object({ kind: z.literal('hang') }),
  /** Adds to the time before the answer; joins with any other fault. */
  z.object({ kind: z.literal('latency'), latencyMs: z.int().min(0) }),
  z.object({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.enum(['json', 'html', 'empty']).optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  /** 200 with an HTML login page, as a single sign-on wall in front sends it. */
  z.object({ kind: z.literal('html-login') }),
  /** Without `retryAfter` no rate limit header is sent at all. */
  z.object({ kind: z.literal('too-many-requests'), retryAfter: z.string().optional() }),
  /** The effect is done, then the connection is destroyed before any byte. */
  z.object({ kind: z.literal('effect-then-lost') }),
  /** The effect is done, then nothing is answered. */
  z.object({ kind: z.literal('effect-then-hang') }),
  /** The effect is done and the answer is cut JSON. */
  z.object({ kind: z.literal('garbage') }),
  /** The effect is done and the answer trickles, one byte each `gapMs`. */
  z.object({ kind: z.literal('slow-body'), gapMs: z.int().min(0) }),

  /** The connection stays open and nobody reads it; nothing happens. */
  z.object({ kind: z.literal('half-open') }),
  /** The effect is done, half of the answer is sent, then the connection ends: in order, or not. */
  z.object({ kind: z.literal('cut'), by: z.enum(['fin', 'rst']) }),
  /** The effect is done and half of the answer is sent, then silence. */
  z.object({ kind: z.literal('stall-body') }),
  /** The effect is done and so many blanks stand before the answer, which is still JSON. */
  z.object({ kind: z.literal('huge-body'), bytes: z.int().min(0).max(100_000_000) }),
  /** The effect is done and the answer is sent twice, the second time unasked. */
  z.object({ kind: z.literal('answer-twice') }),
  /** The clock in the head of the answer goes wrong by so much. */
  z.object({ kind: z.literal('clock-skew'), skewMs: z.int() }),

  /** Jira: 200, but as nobody, with the Seraph header. */
  z.object({ kind: z.literal('anonymous') }),
  /** Jira: 401 until somebody has logged in with a browser. */
  z.object({ kind: z.literal('captcha') }),

  /** Model: the connection is destroyed after so many tokens. */
  z.object({ kind: z.literal('die'), after }),
  /** Model: silence after so many tokens. */
  z.object({ kind: z.literal('stall'), after }),
  /** Model: a clean end without a finish reason and without `[DONE]`. */
  z.object({ kind: z.literal('no-finish'), after }),
  /** Model: an error object as an event of the stream, then the end. */
  z.object({ kind: z.literal('error-in-stream'), after }),
  /** Model: an event that is not JSON after so many tokens. */
  z.object({ kind: z.literal('bad-event'), after }),
  /** Model: bytes are cut anywhere, also inside a character. */
  z.object({ kind: z.literal('split') }),
  /** Model: CRLF line ends and a comment line first. */
  z.object({ kind: z.literal('crlf') }),
  /** Model: a 429 that must not be retried. */
  z.object({ kind: z.literal('quota') }),
  /** Model: chatter around the JSON that was asked for. */
  z.object({ kind: z.literal('prose') }),
  /** Model: stories that a careless model would write; see `model/story-spoiling.ts`. */
  z.object({
    kind: z.literal('careless'),
    how: z.enum([
      'json',
      'long',
      'sections',
      'dropped',
      'hebrew',
      'large',
      'any',
      'coarse',
      'uncut',
    ]),
  }),
  /** Model: too much is asked of it, by all its people together. */
  z.object({ kind: z.literal('overload') }),
  /** Model: a content filter refuses the question, or ends the answer after so many tokens. */
  z.object({ kind: z.literal('content') }),
  z.object({ kind: z.literal('content-filter'), after }),
  /** Model: `[DONE]` without a finish reason, as a proxy adds it after a cut. */
  z.object({ kind: z.literal('fake-end'), after }),
  /** Model: no fault: it does whatever any text of its context orders. */
  z.object({ kind: z.literal('obedient') }),
])

export type Fault = z.infer<typeof fault>
export type FaultKind = Fault['kind']

/** What every simulator can suffer. */
export const sharedFaults = [
  'away',
  'hang',
  'latency',
  'status',
  'html-login',
  'too-many-requests',
  'effect-then-lost',
  'effect-then-hang',
  'garbage',
  'slow-body',
  'half-open',
  'cut',
  'stall-body',
  'huge-body',
  'answer-twice',
  'clock-skew',
] as const satisfies readonly FaultKind[]

export const faultRule = z.object({
  fault,
  /**
   * Which requests: a method and a path below the mount point, or a path alone; `*` stands for
   * any characters, as in `GET /rest/api/2/issue*`. Absent: every request.
   */
  route: z.string().optional(),
  /** How often; absent: until it is cleared. */
  times: z.int().min(1).optional(),
  /** From 0 to 1, drawn from the seed of the simulator; absent: always. */
  probability: z.number().min(0).max(1).optional(),
})

export type FaultRule = z.infer<typeof faultRule>

export type SetRule = FaultRule & { readonly id: string; readonly fired: number }

export type FaultControl = {
  /**
   * Rules are tried in the order in which they were set.
   *
   * @returns the id of the rule
   * @throws Error when this simulator does not know the fault
   */
  set(rule: FaultRule): string
  remove(id: string): void
  clear(): void
  /** The rules that can still fire. */
  rules(): readonly SetRule[]
}

/** What one request has to suffer. */
export type Suffering = { readonly latencyMs: number; readonly fault: Fault | undefined }

export type FaultSource = FaultControl & {
  take(method: string, path: string): Suffering
}

export function createFaultControl({
  seed,
  known,
}: {
  seed: number
  known: readonly FaultKind[]
}): FaultSource {
  const random = createRandom(seed)
  let rules: { id: string; rule: FaultRule; fired: number }[] = []
  let lastId = 0

  const strikes = (entry: (typeof rules)[number], request: string): boolean => {
    if (!matchesRoute(entry.rule.route, request)) return false
    const { probability } = entry.rule
    if (probability !== undefined && random() >= probability) return false
    entry.fired += 1
    return true
  }

  return {
    set(rule) {
      if (!known.includes(rule.fault.kind))
        throw new Error(
          `This simulator does not know the fault "${rule.fault.kind}". It knows: ${known.join(', ')}.`,
        )
      lastId += 1
      const id = `fault-${lastId}`
      rules.push({ id, rule, fired: 0 })
      return id
    },
    remove(id) {
      rules = rules.filter((entry) => entry.id !== id)
    },
    clear() {
      rules = []
    },
    rules: () => rules.map(({ id, rule, fired }) => ({ ...rule, id, fired })),
    take(method, path) {
      const request = `${method} ${path}`
      let latencyMs = 0
      let chosen: Fault | undefined
      for (const entry of rules) {
        const { fault: candidate } = entry.rule
        if (candidate.kind !== 'latency' && chosen !== undefined) continue
        if (!strikes(entry, request)) continue
        if (candidate.kind === 'latency') latencyMs += candidate.latencyMs
        else chosen = candidate
      }
      rules = rules.filter(({ rule, fired }) => rule.times === undefined || fired < rule.times)
      return { latencyMs, fault: chosen }
    },
  }
}

function matchesRoute(route: string | undefined, request: string): boolean {
  if (route === undefined) return true
  const path = request.slice(request.indexOf(' ') + 1)
  return matchesStars(route, route.includes(' ') ? request : path)
}

/** The pieces between the stars, one after the other, the first and the last at the ends. */
function matchesStars(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  if (!text.startsWith(head)) return false
  const tail = rest.pop()
  if (tail === undefined) return text === head
  let position = head.length
  for (const piece of rest) {
    const found = text.indexOf(piece, position)
    if (found === -1) return false
    position = found + piece.length
  }
  return text.length - position >= tail.length && text.endsWith(tail)
}

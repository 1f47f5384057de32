import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { jsonAnswer, readBody, sendAnswer, type Answer } from './exchange.ts'
import { faultRule } from './fault-control.ts'
import type { JiraSimulator } from './jira/jira-simulator.ts'
import type { JsonObject } from './json-value.ts'
import type { ModelSimulator } from './model/model-simulator.ts'
import type { Simulator } from './simulator.ts'

type Controlled = Readonly<Record<string, Simulator>>

const ms = z.int().min(0).max(600_000)

/** One order; several may stand in one body. */
const order = z.strictObject({
  simulator: z.string(),
  /** Ends all faults, before new ones are set. */
  clear: z.boolean().optional(),
  set: z.array(faultRule).optional(),
  /** Jira: how long a new issue stays unknown to searches. */
  searchDelayMs: ms.optional(),
  /** Jira: how far its clock is ahead; negative: behind. */
  clockSkewMs: z.int().min(-86_400_000_000).max(86_400_000_000).optional(),
  /** Model. */
  pace: z.strictObject({ firstTokenMs: ms, gapMs: ms }).optional(),
})

/**
 * The page that steers simulators which are served alone: `GET /control` and `POST /control`.
 * There is no login; it is for a machine of one's own.
 */
export function createControl() {
  let controlled: Controlled | undefined

  const carryOut = (body: string): Answer => {
    if (controlled === undefined) return jsonAnswer(503, { error: 'The simulators still start.' })
    const read = order.safeParse(parse(body))
    if (!read.success) return jsonAnswer(400, { error: z.prettifyError(read.error) })
    const target = controlled[read.data.simulator]
    if (target === undefined)
      return jsonAnswer(400, {
        error: `There is no such simulator; there are ${Object.keys(controlled).join(', ')}.`,
      })
    try {
      apply(target, read.data)
    } catch (error) {
      return jsonAnswer(400, { error: error instanceof Error ? error.message : String(error) })
    }
    return jsonAnswer(200, show(controlled))
  }

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = new URL(request.url ?? '/', 'http://control').pathname
    if (path !== '/control') return jsonAnswer(404, { error: 'Look at /control.' })
    if (request.method === 'GET')
      return controlled === undefined ? carryOut('') : jsonAnswer(200, show(controlled))
    return carryOut((await readBody(request))?.toString() ?? '')
  }

  return {
    connect(simulators: Controlled): void {
      controlled = simulators
    },
    handle(request: IncomingMessage, response: ServerResponse): void {
      answer(request)
        .then((result) => sendAnswer({ request, response }, result))
        .catch(() => response.destroy())
    },
  }
}

/** @throws Error for a fault that the simulator does not know */
function apply(
  target: Simulator & Partial<JiraSimulator & ModelSimulator>,
  { clear, set = [], searchDelayMs, clockSkewMs, pace }: z.output<typeof order>,
): void {
  if (clear === true) target.faults.clear()
  for (const rule of set) target.faults.set(rule)
  if (searchDelayMs !== undefined) target.setSearchDelay?.(searchDelayMs)
  if (clockSkewMs !== undefined) target.setClockSkew?.(clockSkewMs)
  if (pace !== undefined) target.setPace?.(pace)
}

function show(controlled: Controlled): JsonObject {
  return Object.fromEntries(
    Object.entries(controlled).map(([name, { faults, counters }]) => [
      name,
      { counters: counters(), faults: structuredClone(faults.rules()) as unknown as JsonObject[] },
    ]),
  )
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { jsonAnswer, readBody, sendAnswer, type Answer } from './exchange.ts'
import type { CompanySimulator } from './company-model/company-simulator.ts'
import { faultRule } from './fault-control.ts'
import type { JiraSimulator } from './jira/jira-simulator.ts'
import type { JsonObject } from './json-value.ts'
import type { ModelSimulator } from './model/model-simulator.ts'

type Controlled = {
  readonly jira: JiraSimulator
  readonly cloud: JiraSimulator
  readonly model: ModelSimulator
  readonly company: CompanySimulator
}

const ms = z.int().min(0).max(600_000)

/** One order; several may stand in one body. */
const order = z.strictObject({
  simulator: z.enum(['jira', 'cloud', 'model', 'company']),
  /** Ends all faults, before new ones are set. */
  clear: z.boolean().optional(),
  set: z.array(faultRule).optional(),
  /** Jira: how long a new issue stays unknown to searches. */
  searchDelayMs: ms.optional(),
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
    try {
      apply(controlled[read.data.simulator], read.data)
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
  target: JiraSimulator | ModelSimulator | CompanySimulator,
  { clear, set = [], searchDelayMs, pace }: z.output<typeof order>,
): void {
  if (clear === true) target.faults.clear()
  for (const rule of set) target.faults.set(rule)
  if (searchDelayMs !== undefined && 'setSearchDelay' in target)
    target.setSearchDelay(searchDelayMs)
  if (pace !== undefined && 'setPace' in target) target.setPace(pace)
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

import { parseArgs } from 'node:util'
import { type FlowStep, listFlow } from '../features/monitoring/index.ts'
import type { Database } from '../platform/db/database.ts'
import type { Terminal } from './keys.ts'

export const traceManual = `Usage: studioops trace <id> [--json]

Prints one flow, the oldest first: the request, what it asked of others, the jobs and the writes to
the outside that it wanted, over retries and restarts, and what the audit log has of it.

The id is that of a request, as an error shows it and the header X-Request-ID carries it, or the
trace_id of a log line.

Exit codes: 0 printed, 1 nothing has this id, 3 not understood, 4 failed.
`

type Work = {
  readonly openDatabase: () => Promise<Database>
  readonly terminal: Terminal
}

/** @returns the exit code */
export async function runTrace(args: readonly string[], work: Work): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  const [id] = positionals
  const { out, tell } = work.terminal
  if (values.help === true) {
    out(traceManual)
    return 0
  }
  if (id === undefined) {
    tell(traceManual)
    return 3
  }
  const database = await work.openDatabase()
  const steps = await database.asMaintenance((db) => listFlow(db, id))
  if (steps.length === 0) tell(`Nothing has the id ${JSON.stringify(id)}.\n`)
  else if (values.json === true) out(`${JSON.stringify(steps, undefined, 2)}\n`)
  else for (const line of describeFlow(steps)) out(`${line}\n`)
  return steps.length === 0 ? 1 : 0
}

function describeFlow(steps: readonly FlowStep[]): string[] {
  const moments = steps.map(({ at }) => at.getTime())
  const [began = 0] = moments
  const requestId = steps.find(({ request_id: id }) => id !== null)?.request_id
  const traceId = steps.find(({ trace_id: id }) => id !== null)?.trace_id
  const times = [began, Math.max(...moments)].map((moment) => new Date(moment).toISOString())
  return [
    `request ${requestId ?? '-'}, trace ${traceId ?? '-'}`,
    times.join(' to '),
    ...steps.map((step) => describeStep(step, began)),
  ]
}

function describeStep(step: FlowStep, began: number): string {
  const { at, source, type, name, operation, outcome, duration_ms: durationMs, code } = step
  const after = `+${((at.getTime() - began) / 1_000).toFixed(3)} s`.padStart(12)
  const took = durationMs === null ? '' : `${Math.round(durationMs)} ms`
  const words = [outcome, took, code ?? ''].filter((word) => word !== '').join(', ')
  return `${after}  ${source.padEnd(8)}${type.padEnd(12)}${operation} ${name}: ${words}`
}

import type { Line } from './figures.ts'
import type { LoadResult, LoadSettings } from './load-read.ts'
import { meterTree } from './process-cost.ts'
import { startProgram } from './program.ts'

/**
 * The list route of an n8n that somebody has started: N8N_URL and N8N_API_KEY name it, N8N_PID says
 * whose processor time is counted.
 */
export async function measureN8n(): Promise<Line[]> {
  const { N8N_URL: origin, N8N_API_KEY: key, N8N_PID: pid } = process.env
  if (origin === undefined || key === undefined)
    return [
      {
        bench: 'read',
        what: 'n8n: not installed, skipped (N8N_URL and N8N_API_KEY name one that runs)',
        value: '',
      },
    ]
  const cpu = pid === undefined ? undefined : meterTree(Number(pid))
  await using load = startProgram<LoadResult>('load-read', {
    origin,
    path: '/api/v1/workflows?limit=20',
    headers: { 'x-n8n-api-key': key },
    connections: 16,
    seconds: 8,
  } satisfies LoadSettings)
  cpu?.lap()
  const { answers, failures, perSecond, medianMs } = await load.next()
  if (failures > 0) throw new Error(`n8n: ${failures} of ${answers} answers failed`)
  const row = (what: string, value: string): Line => ({ bench: 'read', what, value })
  return [
    row('n8n, list of workflows: requests per second', perSecond.toFixed(0)),
    row('  median ms', medianMs.toFixed(1)),
    ...(cpu === undefined ? [] : [row('  CPU µs per request', (cpu.lap() / answers).toFixed(0))]),
  ]
}

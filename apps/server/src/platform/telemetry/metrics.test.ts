import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { createTelemetry, type Telemetry } from './telemetry.ts'

/** Everything that the product can count, with names as many users would make them. */
function useAll(telemetry: Telemetry, users: number): void {
  const work = { correlationId: 'one', traceId: 'two' }
  for (let user = 0; user < users; user += 1) {
    const host = `jira-${user}.example`
    const asked = { method: 'GET', durationMs: 4, work, code: undefined, status: 200 }
    telemetry.requestEnded({ ...asked, url: `/api/thing/:id` })
    telemetry.requestEnded({ ...asked, url: `/api/made-${user}`, status: 404 })
    telemetry.queryEnded({
      operation: 'SELECT',
      table: `table_${user}`,
      durationMs: 1,
      code: undefined,
    })
    const called = {
      system: 'jira',
      method: 'GET',
      durationMs: 40,
      status: 200,
      failure: undefined,
    }
    telemetry.callEnded({ ...called, host })
    const job = { outcome: 'done', attempt: 1, durationMs: 5, code: undefined } as const
    telemetry.jobEnded({ ...job, kind: `kind-${user}` })
    telemetry.metrics.toolSeconds('tools/call', `tool-${user}`, '').observe(1)
    telemetry.attemptEnded({
      provider: 'custom',
      model: `model-${user}`,
      outcome: 'complete',
      code: undefined,
      durationMs: 700,
      ttftMs: 90,
      tokensIn: 100,
      tokensOut: 20,
    })
  }
}

async function seriesOf(users: number): Promise<number> {
  const telemetry = createTelemetry({ version: '1', nodeId: 'node-of-test' })
  useAll(telemetry, users)
  const text = await telemetry.metrics.text()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
}

const promtool = spawnSync('promtool', ['--version']).status === 0

describe('the metrics', () => {
  it('are at most 5,000 series, however many routes, hosts, models, tables and kinds there are [OBS-1]', async () => {
    const [many, more] = [await seriesOf(1_000), await seriesOf(3_000)]
    expect(more).toBe(many)
    expect(many).toBeLessThanOrEqual(5_000)
    expect(await seriesOf(30)).toBeLessThan(many)
  })

  it('count everything, whatever is sampled [MON-5]', async () => {
    const telemetry = createTelemetry({ version: '1', nodeId: 'n', random: () => 0.99 })
    for (let at = 0; at < 10; at += 1)
      telemetry.requestEnded({
        method: 'POST',
        url: '/api/session',
        status: at < 4 ? 200 : 401,
        durationMs: 30,
        code: undefined,
        work: { correlationId: 'one', traceId: 'two' },
      })
    const text = await telemetry.metrics.text()
    expect(text).toContain('studioops_logins_total{outcome="ok"} 4')
    expect(text).toContain('studioops_logins_total{outcome="refused"} 6')
    expect(text).toMatch(/http_server_request_duration_seconds_count\{.*session"\} 10/)
    expect(telemetry.events.after(0).map(({ type }) => type)).toEqual(Array(10).fill('auth'))
  })

  it.skipIf(!promtool)('satisfy promtool without a warning [OBS-1]', async () => {
    const telemetry = createTelemetry({ version: '1', nodeId: 'n', hasProcess: true })
    useAll(telemetry, 3)
    const input = await telemetry.metrics.text()
    const checked = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
    expect(checked.stdout + checked.stderr).toBe('')
    expect(checked.status).toBe(0)
  })
})

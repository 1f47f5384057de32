import { checkCredentials } from '@studioops/contracts/connections'
import { describe, expect } from 'vitest'
import { test } from '../testing/test.ts'
import type { TestApp } from '../testing/test-app.ts'
import { runTrace } from './trace.ts'

async function trace(app: TestApp, ...args: string[]) {
  const said = { out: '', tell: '' }
  const code = await runTrace(args, {
    openDatabase: async () => app.database,
    terminal: {
      out: (text) => void (said.out += text),
      tell: (text) => void (said.tell += text),
    },
  })
  return { code, ...said }
}

describe('studioops trace', () => {
  test('prints the request, its jobs over a restart, and the audit log, by either id [OBS-2, OBS-5]', async ({
    app,
  }) => {
    const noa = await app.steppedUp()
    const id = 'trace-of-one-flow'
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`
    await noa.call(checkCredentials, {}, { 'x-request-id': id, traceparent })
    await app.restart()
    await expect.poll(async () => (await trace(app, id)).out).toMatch(/event +queue +run /)
    const { code, out } = await trace(app, id)
    expect(code).toBe(0)
    expect(out).toContain(`request ${id}, trace ${traceId}`)
    expect(out).toMatch(/event +config +POST \/api\/admin\/connections\/check: ok/)
    expect(out).toMatch(/job +queue +attempt \d \S+: (?:done|running)/)
    const byTrace = await trace(app, traceId, '--json')
    expect(JSON.parse(byTrace.out)).toEqual(
      expect.arrayContaining([expect.objectContaining({ source: 'job', request_id: id })]),
    )
  })

  test('says that nothing has an id, and what it takes', async ({ app }) => {
    expect(await trace(app, 'no-such-id')).toMatchObject({ code: 1, out: '' })
    expect(await trace(app)).toMatchObject({ code: 3, out: '' })
  })
})

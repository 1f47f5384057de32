import { expect, it } from 'vitest'
import { createLog } from '../log/log.ts'
import { createSelfCheck } from './self-check.ts'

it('tells once that something is amiss, and once that it is well again [CFG-20]', async () => {
  const logged: string[] = []
  const log = createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } })
  let reason: string | undefined = 'disk is full'
  const hang = new Promise<undefined>(() => undefined)
  const selfCheck = createSelfCheck({
    checks: [
      { name: 'disk', run: async () => reason },
      { name: 'database', run: () => hang },
    ],
    intervalMs: 60_000,
    timeoutMs: 20,
    log,
  })
  await selfCheck.runAll()
  await selfCheck.runAll()
  expect(selfCheck.results()).toMatchObject([
    { name: 'disk', state: 'failed', reason: 'disk is full' },
    { name: 'database', state: 'failed', reason: 'no answer within 20 ms' },
  ])
  expect(logged.filter((line) => line.includes('disk'))).toHaveLength(1)
  reason = undefined
  await selfCheck.runAll()
  expect(selfCheck.results()[0]).toMatchObject({ state: 'passed' })
  expect(logged.at(-1)).toContain('self check passed again')
})

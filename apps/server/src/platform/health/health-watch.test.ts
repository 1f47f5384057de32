import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLog } from '../log/log.ts'
import type { Sample } from './dependency-state.ts'
import { type Check, createHealthWatch } from './health-watch.ts'

const good: Sample = { outcome: 'success', isLate: false }
const hard: Sample = { outcome: 'hard' }

function open(checks: readonly Check[] = [], times: { intervalMs?: number } = {}) {
  const logged: string[] = []
  const watch = createHealthWatch({
    checks,
    diskFreeRatio: async () => 0.5,
    intervalMs: 60_000,
    timeoutMs: 20,
    suspectMs: 5,
    betterAfterMs: 40,
    log: createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } }),
    ...times,
  })
  return { watch, logged }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(2)
}

const jira = { kind: 'jira', name: 'jira.corp' } as const
const never = async () => undefined

describe('what the product asks by itself', () => {
  it('tells once that something is amiss, and once that it is well again [CFG-20, HLT-4]', async () => {
    let reason: string | undefined = 'the files are broken'
    const { watch, logged } = open([
      { kind: 'company-model', run: async () => reason },
      { kind: 'database', run: () => new Promise<undefined>(() => undefined) },
    ])
    expect(await watch.firstResults()).toMatchObject([
      { name: 'company-model', state: 'failed', reason: 'the files are broken' },
      { name: 'database', state: 'failed', reason: 'no answer within 20 ms' },
    ])
    await watch.lookAtAll()
    await watch.lookAtAll()
    expect(logged.filter((line) => line.includes('the files are broken'))).toHaveLength(1)
    expect(watch.status()).toMatchObject({ level: 'OFFLINE' })
    reason = undefined
    await watch.lookAtAll()
    await watch.lookAtAll()
    expect(watch.results()[0]).toMatchObject({ state: 'passed' })
    expect(logged.filter((line) => line.includes('is well again'))).toHaveLength(1)
  })
})

describe('a service that people call', () => {
  it('is looked at until it answers again, and the level rises after it has held [HLT-3, HLT-5]', async () => {
    const { watch } = open()
    using _ = watch.start()
    let answer: Sample | undefined = hard
    const probe = async () => answer
    watch.heard(jira, { sample: hard, latencyMs: 1, probe })
    expect(watch.status()).toMatchObject({
      level: 'DEGRADED',
      reasons: [{ code: 'service.down', kind: 'jira', name: 'jira.corp' }],
      dependencies: [{ condition: 'down' }],
    })
    answer = good
    await until(() => watch.status().dependencies[0]?.condition === 'up')
    expect(watch.status().level).toBe('DEGRADED')
    await until(() => watch.status().level === 'NORMAL')
  })

  it('that comes and goes stays bad: a better level that did not hold is not told', async () => {
    const { watch, logged } = open()
    for (let turn = 0; turn < 10; turn += 1) {
      watch.heard(jira, { sample: hard, latencyMs: 1, probe: never })
      watch.heard(jira, { sample: good, latencyMs: 1, probe: never })
      watch.heard(jira, { sample: good, latencyMs: 1, probe: never })
      await sleep(5)
    }
    expect(logged.filter((line) => line.includes('service level rose'))).toHaveLength(0)
  })

  it('is asked no more when it is not kept any longer', async () => {
    const { watch } = open([], { intervalMs: 5 })
    using _ = watch.start()
    let looks = 0
    const probe = async () => {
      looks += 1
      return good
    }
    const model = { kind: 'model', name: 'first', probe } as const
    watch.keep('model', [model])
    await until(() => looks >= 2)
    watch.keep('model', [])
    const before = looks
    expect(watch.status().dependencies).toEqual([])
    await sleep(30)
    expect(looks - before).toBeLessThanOrEqual(1)
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTrelloLimits } from '../../integrations/trello/trello-limits.ts'
import { type Database, openDatabase } from '../../platform/db/database.ts'
import { createLog } from '../../platform/log/log.ts'
import { copyDatabase, type TestDatabase } from '../../testing/test-database.ts'
import { createSharedWindows } from './boards.windows.store.ts'

let copy: TestDatabase
let database: Database
beforeAll(async () => {
  copy = await copyDatabase()
  database = openDatabase(copy, createLog({ level: 'silent' }))
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await copy[Symbol.asyncDispose]()
})

const place = { key: 'k', token: 't', host: 'trello.test', isOfMembers: false }

/** A process of its own, as far as limits know; its waits are noted and not waited. */
function openProcess() {
  const waits: number[] = []
  const clock = {
    now: () => Date.now(),
    wait: async (ms: number) => void waits.push(ms),
  }
  return { waits, limits: createTrelloLimits(clock, createSharedWindows(database)) }
}

it('keeps the limits of Trello for all processes together, and tells all when Trello refuses [CON-3]', async () => {
  const first = openProcess()
  const second = openProcess()
  // Together as many as one token may send in its window, which neither has used up alone.
  for (let sent = 0; sent < 80; sent += 1)
    await (sent % 2 === 0 ? first : second).limits.take(place, 60_000)
  expect([...first.waits, ...second.waits]).toEqual([])
  await first.limits.take(place, 60_000)
  expect(first.waits).toEqual([expect.any(Number)])
  // However often somebody asks who cannot wait: it takes nobody's place.
  for (let refused = 0; refused < 80; refused += 1)
    await expect(second.limits.take(place, 1)).rejects.toMatchObject({ kind: 'rate-limited' })
  await second.limits.take(place, 60_000)
  expect(Math.max(...second.waits)).toBeLessThanOrEqual(10_000)
  await second.limits.take({ ...place, token: 'another' }, 1)

  first.limits.close({ ...place, token: 'another' }, 50_000)
  await expect
    .poll(() =>
      second.limits.take({ ...place, token: 'third' }, 1).then(
        () => 'sent',
        (error: { kind: string }) => error.kind,
      ),
    )
    .toBe('rate-limited')
})

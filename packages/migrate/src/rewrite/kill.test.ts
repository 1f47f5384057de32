import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Statement } from '../execute/migration.ts'
import type { StarterMessage, StarterPlan } from '../testing/starter.ts'
import { startStarter } from '../testing/starter-process.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const folder = await mkdtemp(join(tmpdir(), 'studioops-kill-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const text = 'update t set n = n + 1'
const statement: Statement = {
  no: 1,
  text,
  txClass: 'alone',
  line: 1,
  column: 1,
  batch: {
    table: 'public.t',
    alias: 't',
    key: [{ column: 'id', type: 'integer' }],
    before: `${text}\nwhere `,
    after: '',
  },
}

it(
  'changes every row once although its process is killed in the middle of a piece [MIG-7] [MIG-8]',
  { timeout: 300_000 },
  async () => {
    await using database = await createTestDatabase()
    await database.query('create table t (id int primary key, n int not null default 0)')
    await database.query('insert into t select generate_series(1, 30000)')
    const plan: StarterPlan = {
      target: database.target,
      limits: { pauseMaxMs: 50, heartbeatMs: 100 },
      migrations: [
        { name: '0001_a', type: 'data_migration', checksum: 'x', statements: [statement] },
      ],
    }
    const file = join(folder, 'plan.json')
    await writeFile(file, JSON.stringify(plan))
    let kills = 0
    let result: { readonly kind: string } | undefined
    while (result === undefined) {
      const { child, ended } = await startStarter(file)
      let seen = 0
      child.on('message', (message: StarterMessage) => {
        const event = message.type === 'event' ? (message.event as { type: string }) : undefined
        if (event?.type === 'progress') seen += 1
        // The next piece is on its way by then.
        if (seen > kills) child.kill('SIGKILL')
      })
      child.send('go')
      result = await ended
      if (result === undefined) kills += 1
    }
    expect(result).toMatchObject({ kind: 'done' })
    expect(kills).toBeGreaterThan(1)
    expect(
      await database.query('select min(n) as least, max(n) as most, count(*)::int from t'),
    ).toEqual([{ least: 1, most: 1, count: 30_000 }])
  },
)

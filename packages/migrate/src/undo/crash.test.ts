import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { createRandom } from '../testing/choices.ts'
import { executeOn } from '../testing/plain-migration.ts'
import { startStarter } from '../testing/starter-process.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import type { UndoerPlan } from '../testing/undoer.ts'
import { createImageDirectory, exportRows, structureOf, undoable } from '../testing/undoable.ts'

const kills = Math.max(4, Math.floor(inject('migratePropertyRuns') / 3))

const files = {
  '0001_a': `create table t (id int primary key, v text, n numeric);
    create table gone (id int primary key, t int references t, note text);`,
  '0002_b': `update t set v = upper(v) where id % 2 = 0; delete from gone where id % 3 = 0;`,
  '0003_c': 'alter table t drop column n; drop table gone;',
  '0004_d': `create index concurrently t_v on t (v); create table made (id int);
    alter table t add column extra text;`,
  '0005_e': `insert into t (id, v) select g, 'more' from generate_series(100001, 100500) g;`,
}

const fill = `insert into t select g, 'v' || g, g / 7.0 from generate_series(1, 4000) g;
  insert into gone select g, g, 'note ' || g from generate_series(1, 3000) g;`

/** In the way back too, a step of the ledger and what it says about happen together or not at all. */
async function contradictions(database: TestDatabase): Promise<unknown[]> {
  return database.query(
    `select m.migration_name, m.status from public.schema_migrations m
      where m.status not in ('completed', 'rolled_back')
         or m.status = 'rolled_back' and exists (select from public.schema_migration_statements s
           where s.migration_id = m.id and s.state <> 'undone')`,
  )
}

it(
  'comes to the same end however often it is killed on the way back, and loses no row [MIG-6] [MIG-14]',
  { timeout: 1_800_000 },
  async () => {
    await using database = await createTestDatabase()
    await using images = await createImageDirectory()
    const { migrations } = await undoable(files, { ...images, given: 1 })
    await executeOn(database, migrations.slice(0, 1))
    await database.query(fill)
    const before = { rows: await exportRows(database), structure: await structureOf(database) }
    const plan: UndoerPlan = {
      target: database.target,
      to: '0001_a',
      limits: { pauseMaxMs: 50, heartbeatMs: 100 },
    }
    const file = join(images.directory, 'plan.json')
    await writeFile(file, JSON.stringify(plan))
    const random = createRandom(11)
    let spanMs = 1_500
    for (let killed = 0; killed < kills;) {
      expect(await executeOn(database, migrations)).not.toMatchObject({ kind: 'failed' })
      let isDone = false
      while (!isDone) {
        const starter = await startStarter(file, 'down')
        const began = performance.now()
        starter.child.send('go')
        const wasKilled = await Promise.race([
          starter.ended.then(() => false),
          sleep(random() * spanMs).then(() => true),
        ])
        if (wasKilled) starter.child.kill('SIGKILL')
        const result = await starter.ended
        killed += wasKilled ? 1 : 0
        isDone = result !== undefined
        expect(result ?? { kind: 'killed' }).toMatchObject({
          kind: expect.stringMatching(/^(?:done|nothing-to-do|killed)$/),
        })
        if (isDone) spanMs = Math.max(200, performance.now() - began)
        expect(await contradictions(database)).toEqual([])
        // Every kill in a row leaves the next one a little more time.
        if (wasKilled) spanMs *= 1.1
      }
      expect({
        rows: await exportRows(database),
        structure: await structureOf(database),
      }).toEqual(before)
    }
  },
)

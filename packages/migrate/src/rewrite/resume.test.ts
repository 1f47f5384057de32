import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createMigrator } from '../engine/migrator.ts'
import type { MigrationEvent } from '../execute/events.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const directory = await mkdtemp(join(tmpdir(), 'studioops-online-'))
const imageDirectory = await mkdtemp(join(tmpdir(), 'studioops-images-'))
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await rm(imageDirectory, { recursive: true, force: true })
})

const start = `-- why: what there was
create table p (id int primary key);
create table t (id int primary key, n int not null default 0, p_id int);
create index t_n on t (n);
`

const online = `-- why: many rows, and rules for them
-- online: yes
alter table t add constraint t_p foreign key (p_id) references p;
update t set n = n + 1;
create index on t (p_id);
alter table t add tag uuid not null default gen_random_uuid();
drop index t_n;
`

/** Stops a run at the n-th event that may be a good moment. */
function stopAt(nth: number) {
  const stop = new AbortController()
  let seen = 0
  const onEvent = ({ type }: MigrationEvent) => {
    if (type !== 'progress' && type !== 'statement-done') return
    seen += 1
    if (seen === nth) stop.abort()
  }
  return { signal: stop.signal, onEvent }
}

it(
  'goes on with what an interrupted run has left, wherever that was [MIG-5] [MIG-7]',
  { timeout: 300_000 },
  async () => {
    await using database = await createTestDatabase()
    const common = {
      directory,
      imageDirectory,
      target: { open: () => database.connect() },
      connection: database.target,
      appVersion: 'test',
      policy: 'development',
    } as const
    await writeFile(join(directory, '0001_start.sql'), start)
    expect(await createMigrator(common).up()).toMatchObject({ kind: 'done' })
    await database.query('insert into p select generate_series(1, 10)')
    await database.query('insert into t select i, i, i % 10 + 1 from generate_series(1, 4000) i')
    await writeFile(join(directory, '0002_online.sql'), online)

    const plan = await createMigrator(common).plan()
    expect(plan.objections).toEqual([])
    const kinds: string[] = []
    for (let tries = 0; tries < 40 && kinds.at(-1) !== 'done'; tries += 1) {
      const result = await createMigrator({ ...common, ...stopAt(1) }).up()
      expect([result.kind, JSON.stringify(result)]).toEqual([
        expect.stringMatching(/^(stopped|done)$/),
        expect.anything(),
      ])
      kinds.push(result.kind)
    }
    expect(kinds.at(-1)).toBe('done')
    expect(kinds.length).toBeGreaterThan(3)
    expect(
      await database.query(
        `select sum(n - id)::int as added, count(distinct tag)::int as tags,
            (select count(*)::int from pg_index where indrelid = 't'::regclass and indisvalid) as indexes,
            (select bool_and(convalidated) from pg_constraint where conrelid = 't'::regclass) as valid
           from t`,
      ),
    ).toEqual([{ added: 4_000, tags: 4_000, indexes: 2, valid: true }])
    expect(await createMigrator(common).up()).toMatchObject({ kind: 'nothing-to-do' })
  },
)

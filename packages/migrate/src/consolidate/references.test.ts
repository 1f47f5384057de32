import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../testing/test-database.ts'
import { consolidate } from './consolidate.ts'
import { rollbackConsolidation } from './rollback-consolidation.ts'
import { parseSpec } from './spec.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrate-consolidate-references-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const setup = `
  create table target (id uuid primary key default gen_random_uuid(), tag text,
    parent uuid references target, twin uuid references target, was int);
  insert into target (tag) values ('own');
  create table a (id serial primary key, tag text, parent int references a);
  insert into a (tag, parent) values ('a1', 3), ('a2', null), ('a3', 3);
  create table b (id serial primary key, tag text, a int references a,
    twin int references b deferrable initially deferred);
  insert into b (tag, a, twin) values ('b1', 1, 2), ('b2', 3, 1), ('b3', null, null);
  create table comments (id int primary key, b int not null, say text);
  insert into comments values (1, 1, 'one'), (2, 2, 'two'), (3, 1, 'three');
  alter table comments add constraint of_b foreign key (b) references b on update cascade on delete restrict;
  create index comments_b on comments (b);
  create table marks (a int references a on delete set null, n int);
  insert into marks values (2, 1), (null, 2)`.split(';\n')

const spec = {
  name: 'references',
  targets: [
    {
      table: 'public.target',
      sources: [
        { table: 'public.b', direct: true, map: { id: 'was', a: 'parent' } },
        { table: 'public.a', direct: true, map: { id: 'was' } },
      ],
    },
  ],
}

it('leads references of every kind to the new keys, also of another type, and back [CNS-5] [CNS-7]', async () => {
  await using database = await createTestDatabase()
  for (const text of setup) await database.query(text)
  const read = parseSpec(spec)
  if (read.kind === 'refused') throw new Error('the spec is wrong')
  const contents = async () => {
    const held: unknown[] = []
    for (const table of ['target', 'a', 'b', 'comments', 'marks'])
      held.push(await database.query(`select t::text from ${table} t order by 1`))
    held.push(
      await database.query(`select conname, pg_get_constraintdef(oid) from pg_constraint
        where contype = 'f' and conrelid::regclass::text !~ '^schema_migration' order by 1`),
    )
    return held
  }
  const before = await contents()
  const target = { open: () => database.connect() }
  const done = await consolidate({
    target,
    spec: read.spec,
    backupDirectory: directory,
    mode: 'apply',
  })
  expect(done).toMatchObject({ kind: 'done' })
  const rows = await database.query(`select t.tag, p.tag as parent, w.tag as twin
    from target t left join target p on p.id = t.parent left join target w on w.id = t.twin
    order by 1`)
  expect(rows).toEqual([
    { tag: 'a1', parent: 'a3', twin: null },
    { tag: 'a2', parent: null, twin: null },
    { tag: 'a3', parent: 'a3', twin: null },
    { tag: 'b1', parent: 'a1', twin: 'b2' },
    { tag: 'b2', parent: 'a3', twin: 'b1' },
    { tag: 'b3', parent: null, twin: null },
    { tag: 'own', parent: null, twin: null },
  ])
  const comments = await database.query(
    'select c.say, t.tag from comments c join target t on t.id = c.b order by c.id',
  )
  expect(comments).toEqual([
    { say: 'one', tag: 'b1' },
    { say: 'two', tag: 'b2' },
    { say: 'three', tag: 'b1' },
  ])
  const keys = await database.query(`select pg_get_constraintdef(oid) as definition
    from pg_constraint where conrelid in ('comments'::regclass, 'marks'::regclass)
      and contype = 'f' order by 1`)
  expect(keys).toEqual([
    { definition: 'FOREIGN KEY (a) REFERENCES target(id) ON DELETE SET NULL' },
    { definition: 'FOREIGN KEY (b) REFERENCES target(id) ON UPDATE CASCADE ON DELETE RESTRICT' },
  ])
  await database.query(`insert into comments select 4, id, 'later' from target where tag = 'b3'`)
  expect(await rollbackConsolidation({ target, name: 'references' })).toMatchObject({
    kind: 'rolled-back',
  })
  expect(await database.query('delete from comments where id = 4 returning b')).toEqual([{ b: 3 }])
  expect(await contents()).toEqual(before)
})

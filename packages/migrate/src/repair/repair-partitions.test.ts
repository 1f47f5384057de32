import { expect, it } from 'vitest'
import { readFacts } from '../catalog/read-facts.ts'
import type { Query } from '../catalog/query.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { applyRepair } from './apply-repair.ts'
import { planRepair } from './plan-repair.ts'

const declared = `create table parts (id int, at date, note text) partition by range (at);
  create table parts_25 partition of parts for values from ('2025-01-01') to ('2026-01-01');
  create table parts_26 partition of parts for values from ('2026-01-01') to ('2027-01-01');
  create index by_note on parts (note)`

const damages: readonly (readonly [string, string])[] = [
  [
    'an invalid index of a partitioned table',
    `update pg_index set indisvalid = false where indexrelid = 'by_note'::regclass`,
  ],
  ['the index of all partitions', 'drop index by_note'],
  ['a detached partition', 'alter table parts detach partition parts_25'],
  ['a column of all partitions', 'alter table parts drop column note'],
]

it.each(damages)('brings back %s [MIG-6]', async (_name, damage) => {
  await using database = await createTestDatabase()
  const client = await database.connect()
  const query: Query = (text, values) => client.query(text, values && [...values])
  await query(declared)
  const expected = await readFacts(query)
  await query(`insert into parts values (1, '2025-02-02', 'a'), (2, '2026-03-03', 'b'); ${damage}`)
  expect(await applyRepair({ query, expected })).toMatchObject({ kind: 'repaired', left: [] })
  const { rows } = await query('select id from parts order by 1')
  expect(rows).toEqual([{ id: 1 }, { id: 2 }])
  expect(await planRepair({ query, expected })).toMatchObject({ kind: 'nothing-to-do' })
})

it('leaves a partition detached whose rows have left its bounds, and says which [MIG-6] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  const client = await database.connect()
  const query: Query = (text, values) => client.query(text, values && [...values])
  await query(declared)
  const expected = await readFacts(query)
  await query(
    `alter table parts detach partition parts_25; insert into parts_25 values (1, '1999-01-01')`,
  )
  const result = await applyRepair({ query, expected })
  const reports = 'reports' in result ? result.reports : []
  expect(reports.map(({ key, objection }) => [key, objection.code])).toContainEqual([
    'table public.parts_25',
    'probe-failed',
  ])
  const { rows } = await query('select id from parts_25')
  expect(rows).toEqual([{ id: 1 }])
})

import { PGlite } from '@electric-sql/pglite'
import { expect, it } from 'vitest'
import { readFacts } from '../catalog/read-facts.ts'
import type { Query } from '../catalog/query.ts'
import { preflight } from '../preflight/preflight.ts'
import { applyRepair } from '../repair/apply-repair.ts'
import { planRepair } from '../repair/plan-repair.ts'
import { elaborateTexts } from '../testing/elaborate-texts.ts'
import { diagnose } from './diagnose.ts'

it('asks, examines and repairs a database inside the process, too [MIG-6] [MIG-14]', async () => {
  const database = await PGlite.create()
  const query: Query = (text, values) => database.query(text, values && [...values])
  const declared = 'create table t (id serial primary key, a int not null default 1)'
  await database.exec(declared)
  const expected = await readFacts(query)
  await database.exec('insert into t (a) values (1), (1)')
  const { elaboration } = await elaborateTexts(query, {
    done: [declared],
    pending: ['alter table t add unique (a)'],
  })
  const found = await preflight({ query, elaboration })
  expect(found.objections.map(({ code, object }) => `${code} ${object}`)).toEqual([
    'probe-failed public.t.t_a_key',
  ])
  expect(found.tables).toMatchObject([{ table: 'public.t' }])
  expect((await diagnose({ query, elaboration, checksForeignKeys: true })).kind).toBe('healthy')
  await database.exec('alter table t drop column a')
  expect(await planRepair({ query, expected })).toMatchObject({ kind: 'repair' })
  expect(await applyRepair({ query, expected })).toMatchObject({ kind: 'repaired', left: [] })
  await database.close()
})

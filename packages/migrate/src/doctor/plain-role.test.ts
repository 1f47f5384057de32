import { expect, it } from 'vitest'
import { readFacts } from '../catalog/read-facts.ts'
import type { Query } from '../catalog/query.ts'
import { preflight } from '../preflight/preflight.ts'
import { applyRepair } from '../repair/apply-repair.ts'
import { planRepair } from '../repair/plan-repair.ts'
import { elaborateOnServer } from '../testing/elaborate-texts.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { diagnose } from './diagnose.ts'

it('needs no superuser: an owner of a schema can ask, examine and repair [MIG-6] [MIG-14]', async () => {
  await using database = await createTestDatabase()
  const role = `owner_${Math.random().toString(36).slice(2)}`
  const admin = await database.connect()
  await admin.query(`create role ${role} nologin; grant create on schema public to ${role};
    create table foreign_one (id int primary key)`)
  const client = await database.connect()
  await client.query(`set session authorization ${role}`)
  const query: Query = (text, values) => client.query(text, values && [...values])
  const declared = `create table t (id serial primary key, a int not null default 1);
    create index i on t (a)`
  await query(declared)
  const expected = await readFacts(query)
  const elaboration = await elaborateOnServer(database.target, {
    done: [`create table foreign_one (id int primary key); ${declared}`],
    pending: [
      'alter table t add b int',
      'alter table foreign_one add b int',
      'alter table t add foreign key (a) references foreign_one',
    ],
  })
  const found = await preflight({ query, elaboration })
  expect(found.objections.map(({ code, object }) => `${code} ${object}`)).toEqual([
    'missing-right public.foreign_one',
    'missing-right public.foreign_one',
  ])
  const { kind } = await diagnose({ query, checksForeignKeys: true })
  expect(kind).toBe('healthy')
  await query('alter table t drop column a')
  expect(await planRepair({ query, expected })).toMatchObject({ kind: 'repair' })
  expect(await applyRepair({ query, expected })).toMatchObject({ kind: 'repaired', left: [] })
  await client.end()
  await admin.query(`drop owned by ${role} cascade; drop role ${role}`)
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hold } from '../testing/hold.ts'
import { executeOn } from '../testing/plain-migration.ts'
import { type RowHistory, rowHistory } from '../testing/row-history.ts'
import { createTestDatabase, serverMajor } from '../testing/test-database.ts'
import { createImageDirectory, exportRows, structureOf, undoable } from '../testing/undoable.ts'
import { undo } from './undo.ts'

const major = await serverMajor()

/** Holds in the shadow, which has no rows, and not in the database. */
const failing = `create index concurrently kinds_flag on app."Kinds" (id, small);
  create table app.unrelated (id int);
  alter table app.checked add check (id > 1);`

async function upAndDown({ files, fill }: RowHistory) {
  await using database = await createTestDatabase()
  await using images = await createImageDirectory()
  const { migrations, elaborated } = await undoable(files, { ...images, given: 1 })
  expect(elaborated[0]?.inverse).not.toMatchObject({ kind: 'none' })
  await executeOn(database, migrations.slice(0, 1))
  const client = await database.connect()
  await client.query(fill)
  const before = { rows: await exportRows(database), structure: await structureOf(database) }
  const text = files['0002_change']
  const up = await executeOn(database, migrations)
  expect({ up: up.kind, text, error: 'error' in up ? up.error : '' }).toMatchObject({ up: 'done' })
  const down = await undo({
    target: { open: () => database.connect() },
    appVersion: 'test',
    selection: { kind: 'steps', count: 1 },
  })
  expect(down.kind, JSON.stringify({ down, text })).toBe('done')
  const after = { rows: await exportRows(database), structure: await structureOf(database) }
  return { before: { ...before, text }, after: { ...after, text } }
}

it(
  'gives every row back byte for byte, whatever the migration did to rows, columns and tables [MIG-9] [MIG-14] [CNS-7]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.nat(10_000), { minLength: 1, maxLength: 5 }),
        async (seed, choices) => {
          const { before, after } = await upAndDown(rowHistory(seed, choices, { major }))
          expect(after).toEqual(before)
        },
      ),
      {
        usual: 20,
        shrinks: false,
        lanes: 2,
        examples: [
          // Rows without a key that differ only in a column whose type changes.
          [590310, [1517, 3389, 1781, 326, 873]],
          // A table that foreign keys had taken along is dropped in a later transaction.
          [1, [890, 2168, 663, 8344]],
          // Two columns of a table without a key go or change their type together.
          [999997, [8979, 1960, 656, 8684, 1612]],
          // A table is emptied in the file that the same transaction has just written.
          [711917, [7107, 3693, 2245, 6205]],
          // A table goes, and then a column of the one that it inherits from.
          [11, [9178, 310, 9295, 3855, 1745]],
          // A column goes before the rows do, which come back when everything else has.
          [378683, [9254, 5446, 1157, 8453, 1569]],
          // A column comes with values, and the end is a statement outside of transactions.
          [224292, [5364, 5772, 8863, 3479, 7719]],
        ],
      },
    )
  },
)

it(
  'gives back what stood in columns that may not be empty, whenever they went [MIG-9] [MIG-14]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.nat(10_000), { minLength: 3, maxLength: 8 }),
        async (seed, choices) => {
          const { before, after } = await upAndDown(
            rowHistory(seed, choices, { isStrict: true, major }),
          )
          expect(after).toEqual(before)
        },
      ),
      { usual: 20, share: 1 / 4, shrinks: false, lanes: 2 },
    )
  },
)

const note = (no: number) => `create index concurrently note_${no} on app."Kinds" (id);`
const part = (no: number) => `create index concurrently part_${no} on app.strict (id);`

it.each([
  [
    'a column, rows, and another column',
    `alter table app.strict drop column must; ${part(1)} delete from app.strict where id < 4;
     ${part(2)} alter table app.strict drop column other`,
  ],
  [
    'rows, a column, and values of other rows',
    `delete from app.strict where id < 4; ${part(1)} alter table app.strict drop column free;
     ${part(2)} update app.strict set other = 5 where id > 7`,
  ],
  [
    'rows, a unique column, and more rows',
    `delete from app.strict where id < 4; ${part(1)} alter table app.strict drop column only_one;
     ${part(2)} delete from app.strict where id = 8`,
  ],
  [
    'a conversion, rows, and a column',
    `alter table app.strict alter must type int using 1; ${part(1)} delete from app.strict where id < 4;
     ${part(2)} alter table app.strict drop column other`,
  ],
  [
    'a column, rows, and then the table',
    `alter table app.strict drop column only_one; ${part(1)} delete from app.strict where id < 4;
     ${part(2)} drop table app.strict`,
  ],
  [
    'columns and rows of a table without a key',
    `alter table app.bare drop column b; ${part(1)} delete from app.bare where a = 0;
     ${part(2)} alter table app.bare drop column c`,
  ],
  [
    'columns of rows whose keys the same transaction changed',
    `update app.strict set id = id + 100 where id % 4 = 2; alter table app.strict drop column other;
     alter table app.strict alter must type int using length(must)`,
  ],
  [
    'a column without a key whose rows were changed since',
    `delete from app.bare where a = 0; ${part(1)} alter table app.bare drop column c;
     ${part(2)} update app.bare set b = 'z' where b = 'b0'`,
  ],
  [
    'a conversion whose transaction changed the same rows',
    `delete from app.strict where id % 4 = 1; ${part(1)}
     alter table app.strict alter must type int using length(must);
     update app.strict set free = free || '!' where id % 2 = 0`,
  ],
  [
    'rows that got a column afterwards',
    `update app.strict set free = free || '!' where id % 2 = 0; ${part(1)}
     alter table app.strict add column more int not null default 3; ${part(2)}
     update app.strict set id = id + 100 where id % 4 = 2; alter table app.strict drop column free`,
  ],
  [
    'a table without what it got',
    `alter table app.strict add column more int not null default 3; ${part(1)}
     drop table app.strict`,
  ],
  [
    'a column, then keys, then the table',
    `alter table app.strict drop column must; ${part(1)} update app.strict set id = id + 100 where id % 4 = 2;
     ${part(2)} drop table app.strict`,
  ],
  [
    'keys and a column at once, and then the table',
    `update app.strict set id = id + 100 where id % 4 = 2; alter table app.strict drop column must;
     ${part(1)} drop table app.strict`,
  ],
  [
    'a column, keys that change places, and then the table',
    `alter table app.strict drop column must; ${part(1)} update app.strict set id = -id; update app.strict set id = 10 + id;
     ${part(2)} drop table app.strict`,
  ],
  [
    'rows, another primary key, a column, and more rows',
    `delete from app.strict where id % 3 = 0; ${part(1)} alter table app.strict drop constraint strict_pkey, add primary key (only_one); alter table app.strict drop column must;
     ${part(2)} delete from app.strict where id = 4`,
  ],
  [
    'the column of the key, another column, and then the table',
    `alter table app.strict drop column id; alter table app.strict add primary key (only_one); ${note(1)} alter table app.strict drop column must;
     ${note(2)} drop table app.strict`,
  ],
  [
    'a key of another type, a column, and then the table',
    `alter table app.strict alter id type text using 'k' || id; ${part(1)} alter table app.strict drop column must;
     ${part(2)} drop table app.strict`,
  ],
  [
    'a column, a renamed key, rows, and then the table',
    `alter table app.strict drop column must; ${part(1)} alter table app.strict rename column id to ident; delete from app.strict where ident = 3;
     ${note(2)} drop table app.strict`,
  ],
  [
    'the column of the key, and rows at once',
    `alter table app.strict drop column id; delete from app.strict where other < 7`,
  ],
  [
    'the column of the key with another one, and rows',
    `alter table app.strict drop column id, drop column must; ${note(1)} update app.strict set other = 1;
     ${note(2)} delete from app.strict where only_one < -4`,
  ],
  [
    'the column of the key, and another one that is converted at once',
    `alter table app.strict drop column id; alter table app.strict alter must type int using length(must);
     alter table app.strict add primary key (only_one)`,
  ],
  ['a key converted one way', `alter table app.strict alter id type text using 'k' || id`],
  [
    'a column, a key converted one way, and rows',
    `alter table app.strict drop column must; ${part(1)} alter table app.strict alter id type text using 'k' || id;
     update app.strict set free = 'x' where other < 7; ${part(2)} delete from app.strict where other < 5`,
  ],
  [
    'a renamed table, a column, and then the table',
    `alter table app.strict rename to stricter; ${note(1)} alter table app.stricter rename to strictest; alter table app.strictest drop column must;
     ${note(2)} drop table app.strictest`,
  ],
  [
    'a renamed key, a column, rows, and then the table',
    `alter table app.strict rename id to ident; ${note(1)} alter table app.strict drop column must;
     ${note(2)} delete from app.strict where ident < 4; drop table app.strict`,
  ],
  [
    'a renamed column',
    `alter table app.strict rename must to musty; ${note(1)} alter table app.strict drop column musty`,
  ],
  [
    'a column whose name was exchanged, and rows',
    `alter table app.strict rename must to m; alter table app.strict rename free to must;
     alter table app.strict rename m to free; ${note(1)} alter table app.strict drop column free;
     ${note(2)} delete from app.strict where id < 4`,
  ],
  ['the column of the key', `alter table app.strict drop column id`],
  ['other keys', `alter table app.strict alter id type bigint using id * 1000`],
])('brings %s back that went one after the other [MIG-14]', async (_, text) => {
  const { files, fill } = rowHistory(1, [], { isStrict: true })
  const { before, after } = await upAndDown({ files: { ...files, '0002_change': text }, fill })
  expect(after).toEqual(before)
})

it.each([
  [
    'rows',
    `delete from app."Kinds" where id = 3; create index concurrently kinds_small on app."Kinds" (small);
     alter table app."ילדים" rename to "Kids"; alter table app."Kids" rename column note to remark;
     alter table app."Kinds" rename column big to huge`,
  ],
  [
    'columns',
    `alter table app."Kinds" alter num type text using num::text;
     alter table app.loose alter a type text using a::text;
     create index concurrently kinds_small on app."Kinds" (small);
     alter table app."Kinds" rename column num to number; alter table app."Kinds" rename to "Sorts";
     alter table app.loose rename column a to aa`,
  ],
])('finds %s again that a later transaction of the migration renamed [MIG-14]', async (_, text) => {
  const { files, fill } = rowHistory(1, [])
  const { before, after } = await upAndDown({ files: { ...files, '0002_change': text }, fill })
  expect(after).toEqual(before)
})

it(
  'leaves no trace in any row of a migration that fails on the data after parts of it are committed [MIG-6] [MIG-14]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.nat(10_000), { minLength: 1, maxLength: 3 }),
        async (seed, choices) => {
          const { files, fill } = rowHistory(seed, choices, { last: failing, major })
          await using database = await createTestDatabase()
          await using images = await createImageDirectory()
          const { migrations } = await undoable(files, {
            ...images,
            given: 1,
            rollbackOnFailure: 'auto',
          })
          await executeOn(database, migrations.slice(0, 1))
          await (await database.connect()).query(fill)
          const before = {
            rows: await exportRows(database),
            structure: await structureOf(database),
          }
          const { events: _, ...up } = await executeOn(database, migrations)
          expect(up).toMatchObject({
            kind: 'failed',
            error: { sqlstate: expect.stringMatching(/^23/) },
          })
          // What was generated may meet a rule of its own before anything is committed.
          const isLate = up.kind === 'failed' && up.error.sqlstate === '23514'
          const [row] = await database.query(
            `select status, statements_done as done, error_detail ->> 'rolled_back' as said,
                error_detail ->> 'rollback_failed' as failed
               from public.schema_migrations where migration_name = '0002_change'`,
          )
          expect({ row, text: files['0002_change'] }).toMatchObject({
            row: { status: 'failed', done: 0, failed: null },
          })
          expect(String(row?.['said']).startsWith('rolled back')).toBe(isLate)
          expect({
            rows: await exportRows(database),
            structure: await structureOf(database),
          }).toEqual(before)
        },
      ),
      { usual: 20, share: 1 / 4, shrinks: false, lanes: 2 },
    )
  },
)

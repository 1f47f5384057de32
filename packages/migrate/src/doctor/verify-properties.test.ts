import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Fact, type Facts, nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import { randomSteps } from '../testing/choices.ts'
import { type Damage, damagesOf } from '../testing/damage.ts'
import { describeHistory, type History, historyFrom, textOfFile } from '../testing/history.ts'
import { hold } from '../testing/hold.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { verifyDatabase } from './verify-database.ts'

async function build(database: TestDatabase, history: History): Promise<Query> {
  const migrations = history.files.map((file) => plainMigration(file.id, textOfFile(file)))
  const executed = await executeOn(database, migrations)
  expect(executed.kind, describeHistory(history)).toMatch(/done|nothing/)
  const client = await database.connect()
  return (text, values) => client.query(text, values && [...values])
}

/** Whether the server lets it happen; what it refuses leaves nothing behind. */
async function happens(query: Query, statements: readonly string[]): Promise<boolean> {
  await query('begin')
  try {
    for (const text of statements) await query(text)
    await query('commit')
    return true
  } catch {
    await query('rollback')
    return false
  }
}

const isOwnTable = ({ kind, values }: Fact) => kind === 'table' && values['form'] === 'table'

/** What somebody may add by hand, or change in a way that the catalog shows. */
function additionsTo(facts: Facts): Damage[] {
  const add = (key: string, ...statements: string[]): Damage => ({ key, kind: 'add', statements })
  return [
    add('table public.zz_more', 'create table public.zz_more (id int)'),
    add('view public.zz_view', 'create view public.zz_view as select 1 as one'),
    add('enum public.zz_type', `create type public.zz_type as enum ('a')`),
    ...facts.rows.filter(isOwnTable).flatMap((table) => {
      const name = nameOf(table)
      return [
        add(`column ${name}.zz_more`, `alter table ${name} add column zz_more int`),
        add(
          `constraint ${name}.zz_rule`,
          `alter table ${name} add constraint zz_rule check (true) not valid`,
        ),
        add(`policy ${name}.zz_policy`, `create policy zz_policy on ${name} using (true)`),
        add(`table ${name}`, `alter table ${name} set (fillfactor = 71)`),
      ]
    }),
    ...facts.rows.flatMap((fact) => {
      const { kind, values } = fact
      if (kind === 'enum') return [add(fact.key, `alter type ${nameOf(fact)} add value 'zz'`)]
      const isPlain = values['of'] === undefined && values['generated'] === undefined
      if (kind === 'column' && isPlain && values['type'] === 'integer')
        return [
          add(
            fact.key,
            `alter table ${parentOf(fact)} alter column ${quoteName(fact.name)} set default 987654`,
          ),
        ]
      return []
    }),
  ]
}

it(
  'refuses a database that is not what was declared, whatever was done to it, and names the object [MIG-3] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 2, max: 20 }),
        fc.nat(),
        async (seed, steps, choice) => {
          await using database = await createTestDatabase()
          const history = historyFrom(randomSteps(seed, steps))
          const query = await build(database, history)
          const expected = await readFacts(query)
          const mutations = [...additionsTo(expected), ...damagesOf(expected)]
          const chosen = mutations[choice % mutations.length]
          fc.pre(chosen !== undefined && (await happens(query, chosen.statements)))
          const found = await verifyDatabase({ query, expected })
          const story = `${describeHistory(history)}\n${JSON.stringify(chosen)}`
          expect(found.kind, story).not.toBe('equal')
          expect(
            found.findings.map(({ key }) => key),
            story,
          ).toContain(chosen?.key)
          expect(found.objections.length, story).toBeGreaterThan(0)
        },
      ),
    )
  },
)

/** What changes the catalog, its spelling or the session, and not what was declared. */
function noises(facts: Facts): string[][] {
  const tables = facts.rows.filter(isOwnTable)
  return [
    ['analyze'],
    [`set timezone = 'Asia/Jerusalem'`, `set datestyle = 'SQL, DMY'`],
    [`set search_path = 'pg_catalog'`, 'set quote_all_identifiers = on'],
    [`set intervalstyle = 'iso_8601'`, `set bytea_output = 'escape'`],
    [
      'create table public.knex_migrations (id serial, name text, batch int, migration_time timestamptz)',
    ],
    [
      'create schema drizzle',
      'create table drizzle.__drizzle_migrations (id serial, hash text, created_at bigint)',
    ],
    ['create temporary table passing (id int)'],
    ...tables.flatMap((table) => [
      [`comment on table ${nameOf(table)} is 'by hand'`],
      [`grant select on ${nameOf(table)} to public`],
    ]),
    ...facts.rows.flatMap((fact) => makers[fact.kind]?.(fact) ?? []),
  ]
}

type Noisy = (fact: Fact) => string[][]

const makers: Readonly<Partial<Record<Fact['kind'], Noisy>>> = {
  constraint(fact) {
    if (fact.values['inherited'] === true || fact.values['partOf'] !== undefined) return []
    const [table, name] = [parentOf(fact), quoteName(fact.name)]
    const renamed = [`alter table ${table} rename constraint ${name} to zz_other_name`]
    if (fact.values['type'] !== 'check') return [renamed]
    // The server reads its own spelling again, as it does when a dump is restored.
    const again = `alter table ${table} add constraint ${name} ${textOf(fact.values['definition'])}`
    return [renamed, [`alter table ${table} drop constraint ${name}`, again]]
  },
  index: (fact) =>
    fact.values['constraint'] === undefined && fact.values['partOf'] === undefined
      ? [[`alter index ${nameOf(fact)} rename to zz_other_name`]]
      : [],
  function({ values }) {
    const definition = textOf(values['definition'])
    if (values['form'] === 'aggregate' || values['sqlBody'] === true) return []
    return [[definition.replaceAll('\n', '  \n')], [definition.replaceAll('\n', '\r\n')]]
  },
  view: (fact) => [
    [`create or replace view ${nameOf(fact)} as ${textOf(fact.values['definition'])}`],
  ],
  sequence: (fact) => [
    [`select setval('${nameOf(fact).replaceAll("'", "''")}', 42)`],
    [`alter sequence ${nameOf(fact)} cache 7`],
  ],
  column: (fact) =>
    fact.values['of'] === undefined && fact.values['inherited'] !== true
      ? [[`alter table ${parentOf(fact)} alter column ${quoteName(fact.name)} set statistics 55`]]
      : [],
}

it(
  'accepts what was declared in whatever spelling, session and surroundings it stands [MIG-3] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 2, max: 20 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        async (seed, steps, choices) => {
          await using database = await createTestDatabase()
          const history = historyFrom(randomSteps(seed, steps))
          const query = await build(database, history)
          const expected = await readFacts(query)
          const all = noises(expected)
          const done: string[][] = []
          for (const choice of choices) {
            const noise = all[choice % all.length] ?? []
            if (await happens(query, noise)) done.push(noise)
          }
          const found = await verifyDatabase({ query, expected })
          const story = `${describeHistory(history)}\n${JSON.stringify(done)}`
          expect(found.objections, story).toEqual([])
          expect(found.kind, story).toBe('equal')
        },
      ),
    )
  },
)

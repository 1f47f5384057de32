import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Facts } from '../catalog/fact.ts'
import { nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { parentOf } from '../inverse/object-words.ts'
import { findDrift } from '../preflight/drift.ts'
import { randomSteps } from '../testing/choices.ts'
import { type Damage, damagesOf } from '../testing/damage.ts'
import { describeHistory, historyFrom } from '../testing/history.ts'
import { textOfFile } from '../testing/history.ts'
import { hold } from '../testing/hold.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { applyRepair } from './apply-repair.ts'
import { planRepair } from './plan-repair.ts'

/** Every row of every table, as text and sorted, without the columns that are not asked for. */
async function rowsOf(query: Query, facts: Facts): Promise<Record<string, readonly string[]>> {
  const tables = facts.rows.filter(
    ({ kind, values }) => kind === 'table' && values['form'] === 'table',
  )
  const found: Record<string, readonly string[]> = {}
  for (const table of tables) {
    const columns = facts.rows
      .filter((fact) => fact.kind === 'column' && parentOf(fact) === nameOf(table))
      // What is computed may be computed again.
      .filter(({ values }) => values['generated'] === undefined)
      .map(({ name }) => quoteName(name))
    const { rows } = await query(
      `select row(${columns.join(', ')})::text as r from only ${nameOf(table)} order by 1`,
    )
    found[nameOf(table)] = rows.map(({ r }) => String(r))
  }
  return found
}

async function damage(query: Query, { statements }: Damage): Promise<boolean> {
  try {
    for (const text of statements) await query(text)
    return true
  } catch {
    return false
  }
}

async function open(database: TestDatabase): Promise<Query> {
  const client = await database.connect()
  return (text, values) => client.query(text, values && [...values])
}

it(
  'restores whatever single object was damaged, keeps every row, and finds nothing the second time [MIG-6] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 4, max: 24 }),
        fc.nat(),
        async (seed, steps, choice) => {
          await using database = await createTestDatabase()
          const history = historyFrom(randomSteps(seed, steps))
          const migrations = history.files.map((file) => plainMigration(file.id, textOfFile(file)))
          const executed = await executeOn(database, migrations)
          expect(executed.kind, describeHistory(history)).toMatch(/done|nothing/)
          const query = await open(database)
          const expected = await readFacts(query)
          const damages = damagesOf(expected)
          const chosen = damages[choice % Math.max(damages.length, 1)]
          fc.pre(chosen !== undefined && (await damage(query, chosen)))
          await query(
            'create table public.not_ours (id int); insert into public.not_ours values (1)',
          )
          const damaged = await readFacts(query)
          const before = await rowsOf(query, damaged)
          const result = await applyRepair({ query, expected })
          const story = () =>
            `${describeHistory(history)}\n${JSON.stringify([chosen, result], undefined, 1)}`
          const repaired = await readFacts(query)
          const { findings } = await findDrift({ expected, live: repaired })
          const reports = 'reports' in result ? result.reports : []
          const told = new Set(
            reports
              .filter(({ objection }) => objection.code === 'probe-failed')
              .map(({ key }) => key),
          )
          const left = findings.filter(({ blocks }) => blocks).map(({ key }) => key)
          // Rows that nobody can give a value to keep their column nullable, and what rests on that.
          expect(told.size === 0 ? left : [], story()).toEqual([])
          expect(await rowsOf(query, damaged), story()).toEqual(before)
          expect(findings.some(({ key }) => key === 'table public.not_ours')).toBe(true)
          const again = await planRepair({ query, expected })
          expect(again, story()).toMatchObject({
            statements: [],
            indexes: [],
            kind: 'nothing-to-do',
          })
        },
      ),
    )
  },
)

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Fact, nameOf } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { parentOf, textOf } from '../inverse/object-words.ts'
import { createRandom, randomSteps } from '../testing/choices.ts'
import { elaborateOnServer, idOfText } from '../testing/elaborate-texts.ts'
import { describeHistory, historyFrom, textOfFile } from '../testing/history.ts'
import { hold } from '../testing/hold.ts'
import { executeOn, plainMigration } from '../testing/plain-migration.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { preflight } from './preflight.ts'

const values: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(?:bigint|integer|smallint|numeric)/, ['null', '0', '1', '1', '-7', '4000']],
  [/^(?:text|character varying)$/, ['null', `''`, `'same'`, `'same'`, `'a text of some length'`]],
  [/^character varying/, ['null', `''`, `'a'`, `'a'`]],
  [/^boolean/, ['null', 'true', 'false']],
  [/^(?:date|timestamp)/, ['null', `'2001-01-01'`, `'2026-06-06'`]],
  [/^uuid/, ['null', `'00000000-0000-0000-0000-000000000001'`]],
  [/^jsonb?/, ['null', `'{}'`, `'[1]'`]],
  [/\[\]$/, ['null', `'{}'`]],
]

/** What an application might write: whatever the columns take, some of it twice. */
async function live(query: Query, seed: number): Promise<void> {
  const random = createRandom(seed)
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? 'default'
  const { rows } = await readFacts(query)
  for (const table of rows.filter(({ kind }) => kind === 'table')) {
    const columns = rows.filter(
      (fact) =>
        fact.kind === 'column' &&
        parentOf(fact) === nameOf(table) &&
        fact.values['generated'] === undefined &&
        fact.values['identity'] === undefined,
    )
    const valueOf = ({ values: { type } }: Fact) =>
      pick(values.find(([test]) => test.test(textOf(type)))?.[1] ?? ['default'])
    for (let count = 0; count < 6; count++) {
      const names = columns.map(({ name }) => quoteName(name))
      const text =
        names.length === 0
          ? `insert into ${nameOf(table)} default values`
          : `insert into ${nameOf(table)} (${names.join(', ')}) values (${columns.map(valueOf).join(', ')})`
      await query(text).catch(() => undefined)
    }
  }
}

const isAboutRows = (sqlstate: string | undefined) => /^2[23]/.test(sqlstate ?? '')

it(
  'raises no false alarm, and none of its silence is followed by rows that do not fit [MIG-3] [MIG-12] [TST-5]',
  { timeout: 7_200_000 },
  async () => {
    await hold(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 6, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (seed, steps, split) => {
          await using database = await createTestDatabase()
          const history = historyFrom(randomSteps(seed, steps), { statementsMax: 2 })
          const texts = history.files.map(textOfFile)
          const count = Math.ceil((texts.length * split) / 10)
          const migrations = texts.map((text, index) => plainMigration(idOfText(index), text))
          expect((await executeOn(database, migrations.slice(0, count))).kind).toBe('done')
          const client = await database.connect()
          const query: Query = (text, values) => client.query(text, values && [...values])
          await live(query, seed)
          const elaboration = await elaborateOnServer(database.target, {
            done: texts.slice(0, count),
            pending: texts.slice(count),
          })
          const found = await preflight({ query, elaboration })
          const executed = await executeOn(database, migrations)
          const story = `${describeHistory(history)}\n-- split ${count}\n${JSON.stringify([found.objections, executed, found.probes], undefined, 1)}`
          expect(
            found.objections.filter(({ code }) => code !== 'probe-failed'),
            story,
          ).toEqual([])
          // Whoever is refused would have failed.
          const isRefused = found.objections.length > 0
          expect(isRefused && executed.kind !== 'failed', story).toBe(false)
          if (executed.kind !== 'failed') return
          const place = { migration: executed.migration, statementNo: executed.statementNo }
          const probes = found.probes.filter(
            ({ migration, statementNo }) =>
              migration === place.migration && statementNo === place.statementNo,
          )
          const isWarned = probes.some(({ outcome }) => outcome.kind !== 'passed')
          const pending = elaboration.migrations.find(({ source }) => source.id === place.migration)
          const kind = pending?.analysis.statements[(place.statementNo ?? 1) - 1]?.kind ?? ''
          // What INSERT and UPDATE of a file do to rows that are there is known only when they run.
          const isDefinition = !/^(?:Insert|Update|Delete|Merge|Select|Do|Refresh)/.test(kind)
          expect(isDefinition && isAboutRows(executed.error.sqlstate) && !isWarned, story).toBe(
            false,
          )
        },
      ),
      { usual: 20 },
    )
  },
)

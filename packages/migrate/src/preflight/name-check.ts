import type { AnalysedStatement, MigrationAnalysis } from '../analyse/analysis.ts'
import { type Key, nameOfKey, partsOfName, relationKey, withoutAspect } from '../analyse/keys.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { objectTo, type Objection } from '../objection.ts'
import { preflightReasons } from './preflight-reasons.ts'

/**
 * Looks up on the live database every table and column that a plan needs and does not make before:
 * all that can be known where the plan could not be tried anywhere.
 */
export async function checkNames(
  query: Query,
  analyses: readonly MigrationAnalysis[],
): Promise<Objection[]> {
  const wanted = namesNeeded(analyses)
  if (wanted.length === 0) return []
  const { rows } = await query(namesSql, [
    wanted.map(({ relation }) => relation),
    wanted.map(({ column }) => column ?? null),
  ])
  const missing = rows.flatMap((row) => wanted[Number(row['place']) - 1] ?? [])
  const tables = new Set(
    missing.filter(({ column }) => column === undefined).map(({ relation }) => relation),
  )
  return missing
    .filter(({ column, relation }) => column === undefined || !tables.has(relation))
    .map(({ migration, statement, key }) => {
      const object = nameOfKey(key)
      const { no: statementNo } = statement
      const { id, file } = migration
      return objectTo(preflightReasons.unknownName, {
        migration: id,
        file,
        statementNo,
        ...statement.placeOf(key),
        object,
      })
    })
}

type Needed = {
  readonly migration: MigrationAnalysis
  readonly statement: AnalysedStatement
  readonly key: Key
  /** Qualified and quoted. */
  readonly relation: string
  readonly column: string | undefined
}

/** Each name once, where it is needed first. */
function namesNeeded(analyses: readonly MigrationAnalysis[]): Needed[] {
  const made = new Set<Key>()
  const seen = new Set<Key>()
  const all = analyses.flatMap((migration) =>
    migration.statements.map((statement) => ({ migration, statement })),
  )
  return all.flatMap(({ migration, statement }): Needed[] => {
    for (const key of statement.creates) made.add(withoutAspect(key))
    const fresh = [...statement.reads].map(withoutAspect).filter((key) => !seen.has(key))
    for (const key of fresh) seen.add(key)
    return [...new Set(fresh)].flatMap((key): Needed[] => {
      const name = nameOf(key)
      if (name === undefined || made.has(key) || made.has(name.table)) return []
      return [{ migration, statement, key, ...name }]
    })
  })
}

function nameOf(key: Key) {
  const isColumn = key.startsWith('c:')
  if (!isColumn && !key.startsWith('t:')) return undefined
  const [schema = '', name = '', column] = partsOfName(nameOfKey(key))
  if (name === '' || column === '*' || isOfSystem(schema)) return undefined
  return {
    relation: `${quoteName(schema)}.${quoteName(name)}`,
    column: isColumn ? column : undefined,
    table: relationKey({ schema, name }),
  }
}

/** What the analyser knows of the system itself is there. */
function isOfSystem(schema: string): boolean {
  return schema === '' || schema.startsWith('pg_') || schema === 'information_schema'
}

const namesSql = `
  select n.place from unnest($1::text[], $2::text[]) with ordinality as n (relation, name, place)
  where to_regclass(n.relation) is null or n.name is not null and not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = to_regclass(n.relation) and a.attname = n.name and not a.attisdropped)
  order by n.place`

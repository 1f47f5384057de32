import { withSpelling } from '../backup/pinned-settings.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import type { DataLoss } from '../shadow/losses.ts'
import { readRelation, type Relation } from './relation.ts'
import type { Stamp } from './rollback-script.ts'

/**
 * What the tables and columns hold that an inverse would remove. Columns count where they hold
 * something else than a constant default gives; what holds nothing has no stamp.
 */
export async function stampsOf(query: Query, discards: readonly DataLoss[]): Promise<Stamp[]> {
  return withSpelling(query, async () => {
    const stamps: Stamp[] = []
    for (const discard of discards) {
      const text = await stampSql(query, discard)
      if (text === undefined) continue
      const { rows } = await query(text)
      const count = Number(rows[0]?.['count'] ?? 0)
      if (count > 0)
        stamps.push({ object: discard.object, rows: count, sum: String(rows[0]?.['sum']) })
    }
    return stamps
  })
}

async function stampSql(query: Query, discard: DataLoss): Promise<string | undefined> {
  const relation = await readRelation(query, discard.table ?? discard.object)
  if (relation === undefined) return undefined
  if (discard.kind === 'table') return sumSql(relation, 't', 'true')
  const column = relation.columns.find(
    ({ name }) => `${relation.name}.${quoteName(name)}` === discard.object,
  )
  if (column === undefined || column.isGenerated) return undefined
  const value = `t.${quoteName(column.name)}`
  const key = relation.key.map((name) => `t.${quoteName(name)}`)
  const constant = await constantDefault(query, relation, column.attnum)
  const isSomething =
    constant === undefined
      ? `pg_catalog.num_nulls(${value}) = 0`
      : `pg_catalog.concat(${value}) is distinct from pg_catalog.concat((${constant})::${column.type})`
  return sumSql(relation, `row(${[...key, value].join(', ')})`, isSomething)
}

/** Every hash of a row by itself, so that the order of rows does not matter. */
function sumSql({ name }: Relation, value: string, condition: string): string {
  return `select count(*)::text as count,
      coalesce(sum(pg_catalog.hashtextextended((${value})::text collate "C", 0)), 0)::text as sum
    from only ${name} t where ${condition}`
}

async function constantDefault(
  query: Query,
  { oid }: Relation,
  attnum: number,
): Promise<string | undefined> {
  const { rows } = await query(
    `select pg_catalog.pg_get_expr(d.adbin, d.adrelid) as text from pg_catalog.pg_attrdef d
      where d.adrelid = $1::oid and d.adnum = $2`,
    [oid, attnum],
  )
  const text = rows[0]?.['text']
  return typeof text === 'string' && !text.includes('(') ? text : undefined
}

import { fromTable } from '../backup/lines.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { type Objection, objectTo, type Reason } from '../objection.ts'
import { consolidateReasons as reasons } from './consolidate-reasons.ts'
import type { Layout, SourceLayout, TargetLayout, TargetValue } from './layout.ts'
import { textSql, valueSql } from './value-sql.ts'

/** A question to the rows whose answer has to be none. */
type Check = {
  readonly reason: Reason
  readonly object: string
  readonly detail: string
  /** After FROM; finds the rows that are in the way. */
  readonly rows: string
}

/** Looks for rows that cannot be put together. Reads only; says all that it finds. */
export async function findObstacles(query: Query, layout: Layout): Promise<Objection[]> {
  const objections: Objection[] = []
  for (const { reason, object, detail, rows } of checksOf(layout)) {
    const answer = await query(`select count(*)::integer as n from ${rows}`)
    const count = Number(answer.rows[0]?.['n'])
    if (count === 0) continue
    const place = { migration: layout.spec.name, object }
    const found = `select * from ${rows}`.replaceAll(/\s+/g, ' ')
    objections.push(objectTo(reason, place, { count, detail, query: found }))
  }
  return objections
}

function checksOf({ empty, targets }: Layout): Check[] {
  return [
    ...empty.map(({ table }) => ({
      reason: reasons.notEmpty,
      object: table.name,
      detail: '',
      rows: table.name,
    })),
    ...targets.flatMap((target) =>
      target.sources.flatMap((source) => [
        ...source.values.flatMap((value) => [
          ...overlayChecks(source, value),
          ...repeatedChecks(source, value),
        ]),
        ...keyChecks(source, target),
      ]),
    ),
  ]
}

/** What is added must not stand there already, and what it is added to has to be an object. */
function overlayChecks({ details }: SourceLayout, { base, overlays }: TargetValue): Check[] {
  if (base?.kind !== 'column') return []
  const { name } = details.table
  const json = `(${textSql(`s.${quoteName(base.column.name)}`)})::jsonb`
  const from = `${fromTable(details.table)} s`
  const keys = [...new Set(overlays.flatMap(({ path }) => path.slice(0, 1)))]
  if (keys.length === 0) return []
  return [
    {
      reason: reasons.notObject,
      object: name,
      detail: '',
      rows: `${from} where pg_catalog.jsonb_typeof(${json}) <> 'object'`,
    },
    ...keys.map((key) => ({
      reason: reasons.overwritten,
      object: name,
      detail: key,
      rows: `${from} where pg_catalog.jsonb_typeof(${json}) = 'object'
        and pg_catalog.jsonb_exists(${json}, ${quoteText(key)})`,
    })),
  ]
}

/** `json` may say a key twice, and `jsonb` keeps the last of them. */
function repeatedChecks({ details }: SourceLayout, value: TargetValue): Check[] {
  const { base, overlays, column } = value
  const stays = overlays.length === 0 && column.type === 'json'
  const inside = overlays.filter(({ isText }) => !isText).map(({ origin }) => origin)
  return [...(base === undefined || stays ? [] : [base]), ...inside].flatMap((origin) =>
    origin.kind === 'column' && origin.column.type === 'json' && column.type !== 'text'
      ? [repeatedCheck(details.table, origin.column.name)]
      : [],
  )
}

function repeatedCheck(table: SourceLayout['details']['table'], column: string): Check {
  const json = `s.${quoteName(column)}`
  const objects = `with recursive parts (part) as (
      select ${json} union all
      select inner_part.value from parts cross join lateral (
        select e.value from pg_catalog.json_each(
          case when pg_catalog.json_typeof(parts.part) = 'object' then parts.part end) e
        union all
        select a.value from pg_catalog.json_array_elements(
          case when pg_catalog.json_typeof(parts.part) = 'array' then parts.part end) a) inner_part)
    select from parts where pg_catalog.json_typeof(part) = 'object'
      and (select count(*) <> count(distinct k) from pg_catalog.json_object_keys(part) k)`
  return {
    reason: reasons.repeatedKeys,
    object: `${table.name}.${quoteName(column)}`,
    detail: '',
    rows: `${fromTable(table)} s where exists (${objects})`,
  }
}

/** A key that is taken over must not be there already. */
function keyChecks(source: SourceLayout, target: TargetLayout): Check[] {
  if (source.newKeys.length > 0) return []
  const { table } = target.details
  const same = target.key.map((column) => {
    const value = source.values.find((one) => one.column.name === column.name)
    const is = value === undefined ? 'null' : valueSql(value, (_, own) => own)
    return `t.${quoteName(column.name)} = ${is}`
  })
  return [
    {
      reason: reasons.keyTaken,
      object: source.details.table.name,
      detail: table.name,
      rows: `${fromTable(source.details.table)} s where exists (select 1 from ${fromTable(table)} t where ${same.join(' and ')})`,
    },
  ]
}

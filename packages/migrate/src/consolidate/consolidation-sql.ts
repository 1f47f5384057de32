import { fromTable } from '../backup/lines.ts'
import { type ForeignKey, inOrderOfKeys } from '../backup/foreign-keys.ts'
import { spellingSql } from '../backup/pinned-settings.ts'
import { quoteName, quoteText } from '../catalog/identifier.ts'
import type { Layout, Link, SourceLayout, TargetLayout } from './layout.ts'
import { touchedBy } from './layout.ts'
import {
  arrivalsOf,
  constantText,
  crosswalkOf,
  hashSql,
  sumSql,
  textSql,
  valueSql,
  type FindNew,
} from './value-sql.ts'

/** Makes what runs before anything is changed: locks, and which row gets which key. */
export function openingSql(layout: Layout): string[] {
  const tables = touchedBy(layout).toSorted()
  return [
    `lock table ${tables.join(', ')} in access exclusive mode`,
    ...inOrder(layout).flatMap(([source, target]) => [
      crosswalkSql(layout, source, target),
      ...indexesSql(source, target),
    ]),
    ...layout.targets.map((target, at) => ownSql(target, at)),
  ]
}

/** Under the lock a row does not move, so its place is as good as a key. */
function crosswalkSql(layout: Layout, source: SourceLayout, target: TargetLayout): string {
  const { table } = source.details
  const crosswalk = crosswalkOf(source, target)
  const find = newKeySql(layout)
  const keys = target.key.map((column) => {
    const value = source.values.find((one) => one.column.name === column.name)
    const is = value === undefined ? (column.fresh ?? 'null') : valueSql(value, find)
    return `${is} as ${crosswalk.keys.get(column.name) ?? ''}`
  })
  const columns = [
    's.ctid as place',
    ...source.referred.map(
      ({ name }) => `s.${quoteName(name)} as ${crosswalk.referred.get(name) ?? ''}`,
    ),
    ...keys,
  ]
  return `create temporary table if not exists consolidation_${source.no} on commit drop as
  select ${columns.join(', ')} from ${fromTable(table)} s${orderSql(source)}`
}

/** References are looked up row by row; and a planner that knows nothing of a table guesses badly. */
function indexesSql(source: SourceLayout, target: TargetLayout): string[] {
  const { table, referred } = crosswalkOf(source, target)
  const indexes = [...referred.values()].map(
    (column) => `create index if not exists consolidation_${source.no}_${column}
  on ${table} (${column})`,
  )
  return [...indexes, `analyze ${table}`]
}

/** New numbers follow the old ones. */
function orderSql({ details: { table } }: SourceLayout): string {
  const order = table.key.map((name) => `s.${quoteName(name)}`)
  return order.length === 0 ? '' : `\n  order by ${order.join(', ')}`
}

/** What the target holds before: its number of rows, and a sum of everything in them. */
function ownSql({ details: { table, columns } }: TargetLayout, at: number): string {
  const texts = columns.map(({ name }) => textSql(`t.${quoteName(name)}`))
  return `create temporary table if not exists consolidation_own_${at + 1} on commit drop as
  select count(*)::text as rows, ${sumSql(texts)} as sum from ${fromTable(table)} t`
}

/** The statements that change the database, each with its own check, in their order. */
export function changingSql(layout: Layout): string[] {
  return [
    spellingSql,
    ...layout.empty.map(({ table }) => emptySql(table.name)),
    ...triggersSql(layout, () => 'disable'),
    ...layout.targets.flatMap(addedSql),
    ...layout.targets.flatMap(ownValuesSql),
    ...[...layout.repointed.map(({ key }) => key), ...layout.released].map(
      ({ child, name }) => `alter table ${child} drop constraint ${quoteName(name)}`,
    ),
    ...layout.repointed.flatMap(repointSql),
    ...inOrder(layout).map(([source, target]) => insertSql(layout, source, target)),
    ...inOrder(layout).map(([source, target]) => arrivedSql(layout, source, target)),
    ...layout.targets.map((target, at) => keptSql(target, at)),
    ...layout.targets.flatMap(sequencesSql),
    'set constraints all immediate',
    ...layout.targets.flatMap(notNullSql),
    ...layout.repointed.map(
      ({ key, definition }) =>
        `alter table ${key.child} add constraint ${quoteName(key.name)}
  foreign key (${key.columns.map(quoteName).join(', ')}) references ${definition}`,
    ),
    ...(layout.dropped.length === 0 ? [] : [`drop table ${layout.dropped.join(', ')}`]),
    ...triggersSql(layout, ({ enabling }) => enabling),
  ]
}

/** Sources in the order in which their rows can come, each with its target. */
function inOrder({ targets }: Layout): (readonly [SourceLayout, TargetLayout])[] {
  const all = targets.flatMap((target) => target.sources.map((source) => [source, target] as const))
  const links = all.flatMap(([source]) =>
    source.values.flatMap(({ base }) =>
      base?.kind === 'column' && base.through !== undefined
        ? [{ child: source.details.table.name, parent: base.through.source }]
        : [],
    ),
  )
  const names = inOrderOfKeys(
    all.map(([source]) => source.details.table.name),
    links,
  ).flat()
  return names.flatMap((name) => all.filter(([source]) => source.details.table.name === name))
}

function raiseSql(condition: string, message: string): string {
  return `do $consolidation$ begin
  if ${condition} then
    raise exception using errcode = 'P0001', message = ${quoteText(message)};
  end if;
end $consolidation$`
}

function emptySql(table: string): string {
  return raiseSql(`exists (select 1 from ${table})`, `${table} is not empty`)
}

function triggersSql(
  { written }: Layout,
  verb: (trigger: { readonly enabling: string }) => string,
): string[] {
  return written.flatMap(({ table, triggers }) =>
    triggers.map((trigger) => `alter table ${table.name} ${verb(trigger)} trigger ${trigger.name}`),
  )
}

function addedSql({ details, added }: TargetLayout): string[] {
  return added.map(({ name, type, default: fresh }) => {
    const value = fresh === undefined ? '' : ` default ${fresh}`
    return `alter table ${details.table.name} add column ${quoteName(name)} ${type}${value}`
  })
}

function ownValuesSql({ details, spec, added }: TargetLayout): string[] {
  const sets = added.flatMap(({ name, type }) => {
    const value = spec.own[name]
    return value === undefined ? [] : [`${quoteName(name)} = ${constantText(value)}::${type}`]
  })
  return sets.length === 0 ? [] : [`update ${details.table.name} set ${sets.join(', ')}`]
}

/** The new key of the row that is referred to. */
function newKeySql(layout: Layout): FindNew {
  const all = layout.targets.flatMap((target) =>
    target.sources.map((source) => ({ source, target })),
  )
  return ({ source: name, column }: Link, value) => {
    const found = all.find(({ source }) => source.details.table.name === name)
    if (found === undefined) return value
    const { table, referred, keys } = crosswalkOf(found.source, found.target)
    const [is = ''] = keys.values()
    return `(select l.${is} from ${table} l where l.${referred.get(column) ?? ''} = ${value})`
  }
}

/** Whether `t` is the row that the crosswalk `x` names. */
function sameKeySql(source: SourceLayout, target: TargetLayout): string {
  const { keys } = crosswalkOf(source, target)
  return target.key
    .map(({ name }) => `t.${quoteName(name)} = x.${keys.get(name) ?? ''}`)
    .join(' and ')
}

/** Rows of a source, where they stand, and the rows that they become. */
function joinSql(source: SourceLayout, target: TargetLayout): string {
  return `${fromTable(source.details.table)} s
  left join ${crosswalkOf(source, target).table} x on x.place = s.ctid
  left join ${fromTable(target.details.table)} t on ${sameKeySql(source, target)}`
}

function repointSql({ key, source, target, from, to }: Layout['repointed'][number]): string[] {
  const { table, referred, keys } = crosswalkOf(source, target)
  const [is = ''] = keys.values()
  const was = referred.get(key.parentColumns[0] ?? '') ?? ''
  return replaceSql({ key, table, was, is, from, to })
}

export type Replacing = {
  readonly key: ForeignKey
  /** Crosswalk, and the columns of it that are looked up and taken. */
  readonly table: string
  readonly was: string
  readonly is: string
  /** Types of the referring column before and after. */
  readonly from: string
  readonly to: string
}

/**
 * Gives referring rows the other key. Where that is of another type the column changes its type,
 * and a function that is gone afterwards looks the value up, because USING takes no query.
 */
export function replaceSql({ key, table, was, is, from, to }: Replacing): string[] {
  const column = quoteName(key.columns[0] ?? '')
  if (from === to)
    return [
      `update ${key.child} c set ${column} = x.${is}
  from ${table} x where c.${column} = x.${was}`,
    ]
  const lookUp = 'pg_temp.consolidation_look_up'
  return [
    `create function ${lookUp}(${from}) returns ${to} language sql stable as
  'select x.${is} from ${table} x where x.${was} = $1'`,
    `alter table ${key.child} alter column ${column} type ${to} using ${lookUp}(${column})`,
    `drop function ${lookUp}(${from})`,
  ]
}

function insertSql(layout: Layout, source: SourceLayout, target: TargetLayout): string {
  const { table, keys } = crosswalkOf(source, target)
  const find = newKeySql(layout)
  const parts = [
    ...source.values
      .filter(({ column }) => !keys.has(column.name))
      .map((value) => [value.column.name, valueSql(value, find)] as const),
    ...[...keys].map(([name, is]) => [name, `x.${is}`] as const),
  ]
  return `insert into ${target.details.table.name} (${parts.map(([name]) => quoteName(name)).join(', ')})
  overriding system value
  select ${parts.map(([, value]) => value).join(',\n    ')}
  from ${fromTable(source.details.table)} s join ${table} x on x.place = s.ctid${orderSql(source)}`
}

/** Each row of the source is there, once, and each of its values is what it was. */
function arrivedSql(layout: Layout, source: SourceLayout, target: TargetLayout): string {
  const { name } = source.details.table
  const arrivals = source.values.flatMap((value) =>
    arrivalsOf(value, { source: name, findNew: newKeySql(layout) }),
  )
  const was = hashSql(arrivals.map((arrival) => arrival.was))
  const is = hashSql(arrivals.map((arrival) => arrival.is))
  const joined = joinSql(source, target)
  const missing = `t.${quoteName(target.key[0]?.name ?? '')} is null`
  // EXISTS would make the planner expect a row soon, and loop over both tables.
  const lost = `(select count(*) from ${joined}
    where ${missing} or ${was} is distinct from ${is}) > 0`
  const count = `(select count(*) from ${fromTable(source.details.table)})`
  const found = `(select count(*) from ${joined})`
  const reasons = [
    countSql(missing, 'missing'),
    ...arrivals.map((arrival) =>
      countSql(
        `not (${missing}) and ${arrival.was} is distinct from ${arrival.is}`,
        `with other values of ${quoteName(arrival.what)}`,
      ),
    ),
  ]
  return `do $consolidation$ declare reasons text; begin
  if ${lost}
    or ${count} <> ${found} then
    select pg_catalog.concat_ws(', ', ${reasons.join(',\n      ')}) into reasons from ${joined};
    raise exception using errcode = 'P0001',
      message = pg_catalog.concat(${quoteText(`rows of ${name} are not in ${target.details.table.name} with every value that they had: `)}::text, reasons),
      hint = 'Correct those rows, or map the column to a place that can hold what it has.';
  end if;
end $consolidation$`
}

/** How many rows, and what is wrong with them; NULL where there are none. No value is told. */
function countSql(condition: string, what: string): string {
  return `case when count(*) filter (where ${condition}) > 0
        then pg_catalog.concat(count(*) filter (where ${condition}), ' ', ${quoteText(what)}::text) end`
}

/** The rows that the target had are all that is there beside the new ones, and are as they were. */
function keptSql(target: TargetLayout, at: number): string {
  const { table, columns } = target.details
  const texts = columns.map(({ name }) => textSql(`t.${quoteName(name)}`))
  const others = target.sources.map(
    (source) => `not exists (select 1 from ${crosswalkOf(source, target).table} x
      where ${sameKeySql(source, target)})`,
  )
  const where = others.length === 0 ? '' : ` where ${others.join('\n    and ')}`
  return raiseSql(
    `(select pg_catalog.concat(count(*)::text, ' ', ${sumSql(texts)}) from ${fromTable(table)} t${where})
    <> (select pg_catalog.concat(o.rows, ' ', o.sum) from pg_temp.consolidation_own_${at + 1} o)`,
    `a row that ${table.name} had is not as it was`,
  )
}

/** Numbers that were taken over are not given again. */
function sequencesSql({ details, key }: TargetLayout): string[] {
  return key.flatMap(({ name, sequence }) =>
    sequence === undefined
      ? []
      : [
          `select pg_catalog.setval(${quoteText(sequence)}::pg_catalog.regclass, m.highest::bigint)
  from (select max(${quoteName(name)}) as highest from ${details.table.name}) m
  where m.highest > (select last_value from ${sequence})`,
        ],
  )
}

function notNullSql({ details, added }: TargetLayout): string[] {
  return added
    .filter(({ isNotNull }) => isNotNull)
    .map(
      ({ name }) =>
        `alter table ${details.table.name} alter column ${quoteName(name)} set not null`,
    )
}

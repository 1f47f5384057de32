import { type ForeignKey, readForeignKeys } from '../backup/foreign-keys.ts'
import type { BackupColumn } from '../backup/manifest.ts'
import { fromTable } from '../backup/lines.ts'
import { nameOf, type Facts } from '../catalog/fact.ts'
import { quoteName } from '../catalog/identifier.ts'
import { replaceSql } from './consolidation-sql.ts'
import type { Query } from '../catalog/query.ts'
import { readFacts } from '../catalog/read-facts.ts'
import { deriveInverse } from '../inverse/derive-inverse.ts'
import type { InverseStep } from '../inverse/pre-image.ts'
import { type Layout, type SourceLayout, type TargetLayout, touchedBy } from './layout.ts'
import type { ConsolidationRollback, RollbackStep } from './rollback-script.ts'
import { crosswalkOf, sumSql, textSql } from './value-sql.ts'

type DeriveOptions = {
  readonly query: Query
  readonly layout: Layout
  /** What the database held before. */
  readonly before: Facts
  readonly ledgerSchema: string | undefined
}

export type Derived =
  | { readonly kind: 'found'; readonly rollback: Omit<ConsolidationRollback, 'stamps'> }
  | { readonly kind: 'not-found'; readonly because: string }

/** Under which the rows of a crosswalk lie in the backup. */
export function crosswalkEntry({ details }: SourceLayout): string {
  return `crosswalk ${details.table.name}`
}

/** Columns of a crosswalk in the backup. */
export function crosswalkColumns(source: SourceLayout, target: TargetLayout): BackupColumn[] {
  const { referred, keys } = crosswalkOf(source, target)
  return [
    ...source.referred.map(({ name, type }) => ({ name: referred.get(name) ?? '', type })),
    ...target.key.map(({ name, type }) => ({ name: keys.get(name) ?? '', type })),
  ]
}

/**
 * Finds the way back after the consolidation, in its open transaction, which stays as it is. The
 * catalog says what has to be made again; the rows come from the backup.
 */
export async function deriveRollback(options: DeriveOptions): Promise<Derived> {
  const { layout } = options
  const moved = [...layout.repointed.map(({ key }) => key), ...layout.released]
  const steps = await schemaSteps(options, moved)
  if (typeof steps === 'string') return { kind: 'not-found', because: steps }
  const all = layout.targets.flatMap((target) =>
    target.sources.map((source) => ({ source, target })),
  )
  const tables = touchedBy(layout)
  const indexes = await missingIndexes(options)
  return {
    kind: 'found',
    rollback: {
      locked: tables.filter((name) => !layout.dropped.includes(name)),
      written: layout.written.map(({ table }) => table.name),
      opening: all.flatMap(({ source, target }) => loadSteps(source, target)),
      stampSql: layout.targets.map(stampsOf),
      steps: [
        ...layout.repointed.map(({ key }) => sql(dropSql(key))),
        ...layout.repointed.flatMap((one) => pointBackSql(one, loadedName(one.source))).map(sql),
        ...indexes.map(({ making }) => sql(making)),
        ...all.map(({ source, target }) => sql(removeSql(source, target))),
        ...indexes.map(({ removing }) => sql(removing)),
        ...steps,
        ...moved.map(({ child, name, definition }) =>
          sql(`alter table ${child} add constraint ${quoteName(name)} ${definition}`),
        ),
        { kind: 'sequences', tables },
      ],
    },
  }
}

function sql(text: string): RollbackStep {
  return { kind: 'sql', text }
}

function dropSql({ child, name }: ForeignKey): string {
  return `alter table ${child} drop constraint ${quoteName(name)}`
}

/**
 * The foreign keys that were led elsewhere are left out of both states: the made tables are empty
 * while this is found out, and nothing could refer to them.
 */
async function schemaSteps(
  { query, layout, before, ledgerSchema }: DeriveOptions,
  moved: readonly ForeignKey[],
): Promise<RollbackStep[] | string> {
  const names = new Set(moved.map(({ child, name }) => `${child}.${quoteName(name)}`))
  const rows = before.rows.filter((fact) => fact.kind !== 'constraint' || !names.has(nameOf(fact)))
  await query('savepoint studioops_derive')
  try {
    for (const { key } of layout.repointed) await query(dropSql(key))
    for (const one of layout.repointed.filter(({ from, to }) => from !== to))
      for (const text of pointBackSql(one, `consolidation_${one.source.no}`)) await query(text)
    const after = await readFacts(query, openFacts(ledgerSchema))
    const inverse = await deriveInverse({
      query,
      transaction: 'open',
      before: { ...before, rows },
      after,
      losses: [],
      ...(ledgerSchema === undefined ? {} : { ledgerSchema }),
    })
    if (inverse.kind === 'none') return inverse.because
    return inverse.steps.flatMap(toStep)
  } finally {
    await query('rollback to savepoint studioops_derive')
    await query('release savepoint studioops_derive')
  }
}

export function openFacts(ledgerSchema: string | undefined) {
  const open = { transaction: 'open' } as const
  return ledgerSchema === undefined ? open : { ...open, ledgerSchema }
}

/** Values of columns are never converted here, and sequences have a step of their own. */
function toStep(step: InverseStep): RollbackStep[] {
  if (step.kind === 'sql') return [sql(step.text)]
  return step.preImage.kind === 'table' ? [{ kind: 'restore', table: step.preImage.table }] : []
}

type HelpingIndex = { readonly making: string; readonly removing: string }

/**
 * Each row that goes is looked for in all tables that refer to its table; without an index that is a
 * scan for each row.
 */
async function missingIndexes({ query, layout }: DeriveOptions): Promise<HelpingIndex[]> {
  const targets = layout.targets.map(({ details }) => details.table.name)
  const led = new Set(layout.repointed.map(({ key }) => `${key.child} ${key.name}`))
  const keys = await readForeignKeys(query, targets)
  const indexes: HelpingIndex[] = []
  for (const { child, name, parent, columns } of keys) {
    if (!targets.includes(parent) || led.has(`${child} ${name}`)) continue
    const { rows } = await query(
      `select 1 from pg_catalog.pg_index i
        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = $1::text::pg_catalog.regclass and i.indpred is null
          and i.indisvalid and a.attname = $2`,
      [child, columns[0] ?? ''],
    )
    if (rows.length > 0) continue
    const index = `studioops_rollback_${indexes.length + 1}`
    const schema = child.slice(0, child.length - tableOf(child).length)
    indexes.push({
      making: `create index ${index} on ${child} (${columns.map(quoteName).join(', ')})`,
      removing: `drop index ${schema}${index}`,
    })
  }
  return indexes
}

/** The last part of a qualified name, as it is quoted. */
function tableOf(name: string): string {
  return /(?:"(?:[^"]|"")*"|[^".]+)$/.exec(name)?.[0] ?? name
}

function loadedName({ no }: SourceLayout): string {
  return `studioops_crosswalk_${no}`
}

function loadSteps(source: SourceLayout, target: TargetLayout): RollbackStep[] {
  const columns = crosswalkColumns(source, target).map(({ name, type }) => `${name} ${type}`)
  const name = loadedName(source)
  return [
    sql(`create temporary table ${name} (${columns.join(', ')}) on commit drop`),
    { kind: 'load', entry: crosswalkEntry(source), into: `pg_temp.${name}` },
    sql(`analyze pg_temp.${name}`),
  ]
}

function sameKey(source: SourceLayout, target: TargetLayout): string {
  const { keys } = crosswalkOf(source, target)
  return target.key
    .map(({ name }) => `t.${quoteName(name)} = x.${keys.get(name) ?? ''}`)
    .join(' and ')
}

/** @param table the crosswalk without its schema */
function pointBackSql(
  { key, source, target, from, to }: Layout['repointed'][number],
  table: string,
): string[] {
  const { referred, keys } = crosswalkOf(source, target)
  const [is = ''] = keys.values()
  const was = referred.get(key.parentColumns[0] ?? '') ?? ''
  return replaceSql({
    key,
    table: `pg_temp.${table}`,
    was: is,
    is: was,
    from: to,
    to: from,
  })
}

function removeSql(source: SourceLayout, target: TargetLayout): string {
  return `delete from ${target.details.table.name} t using pg_temp.${loadedName(source)} x
  where ${sameKey(source, target)}`
}

/** Changes to these rows would be lost on the way back. */
function stampsOf(target: TargetLayout): ConsolidationRollback['stampSql'][number] {
  const { columns, details, key, added, sources } = target
  const moved = movedSql(target)
  const same = key.map(({ name }, at) => `t.${quoteName(name)} = m.is_${at + 1}`).join(' and ')
  const select = (of: readonly { readonly name: string }[]) => {
    const texts = of.map(({ name }) => textSql(`t.${quoteName(name)}`))
    return `select count(*)::text as rows, ${sumSql(texts)} as sum from ${fromTable(details.table)} t`
  }
  const others = select([...key, ...added])
  const [first, rest] =
    sources.length === 0
      ? [`${select(columns)} where false`, others]
      : [
          `${select(columns)} join ${moved} on ${same}`,
          `${others} left join ${moved} on ${same} where m.is_1 is null`,
        ]
  return {
    table: details.table.name,
    moved: first,
    others: rest,
    isMoved: sources.length === 0 ? 'false' : `exists (select 1 from ${moved} where ${same})`,
  }
}

/** Keys of all rows that came to a target. */
function movedSql(target: TargetLayout): string {
  const selects = target.sources.map((source) => {
    const columns = [...crosswalkOf(source, target).keys.values()]
    return `select ${columns.join(', ')} from pg_temp.${loadedName(source)}`
  })
  return `(${selects.join(' union all ')}) m`
}

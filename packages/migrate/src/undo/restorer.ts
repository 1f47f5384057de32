import { withSpelling } from '../backup/pinned-settings.ts'
import type { Query } from '../catalog/query.ts'
import { sqlstateOf } from '../execute/session.ts'
import type { PreImagePlan } from '../inverse/pre-image.ts'
import { objectTo, type Objection } from '../objection.ts'
import { conversionOf, convertFromKept } from './convert-back.ts'
import { findKept, type KeptData } from './kept-data.ts'
import { readForeignKeys } from '../backup/foreign-keys.ts'
import { lockText } from './capture.ts'
import { readRelation } from './relation.ts'
import { findOrphans } from './orphans.ts'
import type { KeptValues } from './kept-values.ts'
import {
  type Around,
  type ColumnsKept,
  loadColumns,
  markStale,
  restoreColumns,
} from './restore-columns.ts'
import {
  applyImages,
  type Covered,
  isUsable,
  type KeptOf,
  markConflicts,
  type Moment,
  type RowConflict,
  type Target,
  targetsOf,
} from './restore-images.ts'
import { restoreSequence, restoreSequencesOf, restoreTable } from './restore-table.ts'
import {
  bringReversed,
  type Reversal,
  reversalsOf,
  reverseRows,
  withoutReversed,
} from './reverse-table.ts'
import type { RollbackScript, Stamp } from './rollback-script.ts'
import { imagedTables, loadImages, rowsOf, unseenOf } from './row-images.ts'
import { stampsOf } from './stamps.ts'
import { undoReasons } from './undo-reasons.ts'
import { withoutFiring } from './without-firing.ts'
import { withoutForce } from './without-force.ts'

export type RestorerOptions = {
  readonly query: Query
  /** Id of the migration that is taken back. */
  readonly migration: string
  readonly script: RollbackScript
  readonly data: KeptData
  /** What would be lost may be lost; rows that were changed since stay as they are. */
  readonly acceptsLoss: boolean
  /** What the inverse removes was never complete: an earlier part of the migration made it. */
  readonly isPartial?: boolean
  /** Everything happens in this transaction. */
  readonly isWhole?: boolean
}

/** Brings back the data of one migration, in one transaction. */
export type Restorer = {
  /** Before the first step: everything that stands against it. */
  check(): Promise<Objection[]>
  /** Then: rows leave the tables that get all of them back at the end. */
  clear(): Promise<Objection[]>
  /** At its step. Objections mean that the transaction must not be committed. */
  restore(plan: PreImagePlan): Promise<Objection[]>
  /**
   * Does a step otherwise that the server has refused for the values that it met.
   *
   * @returns false where there is no other way
   */
  convert(text: string): Promise<boolean>
  /** Whether rows are still to come, so that what they have to fulfil may have to wait for them. */
  awaitsRows(): boolean
  /** After the last step: what could not come before. */
  bringRows(): Promise<Objection[]>
  /** When everything is there. */
  finish(): Promise<Objection[]>
}

type State = RestorerOptions & {
  readonly reversals: readonly Reversal[]
  /** What the reversals do not bring back. */
  readonly others: KeptData
  readonly columns: readonly ColumnsKept[]
  readonly covered: Covered
  /** Numbers of columns whose values are back. */
  readonly restored: Set<number>
  /** Tables whose rows were written while foreign keys slept. */
  readonly unchecked: Set<string>
  images: 'waiting' | 'deferred' | 'done'
  /** Tables that are empty until their rows come back. */
  cleared: readonly Reversal[]
}

export function createRestorer(options: RestorerOptions): Restorer {
  const reversals = reversalsOf(options.data, { standing: options.isWhole === true })
  const others = withoutReversed(options.data, reversals)
  const state: State = {
    ...options,
    reversals,
    others,
    columns: columnsOf(others),
    covered: coveredBy(columnPlaces(others).filter(({ isLate }) => !isLate)),
    restored: new Set(),
    unchecked: new Set(),
    images: rowsOf(options.data).length === 0 ? 'done' : 'waiting',
    cleared: [],
  }
  const pinned = (work: () => Promise<Objection[]>) => withSpelling(options.query, work)
  return {
    check: () => pinned(() => check(state)),
    clear: () => pinned(() => clear(state)),
    restore: (plan) => pinned(() => restore(state, plan)),
    convert: (text) => withSpelling(options.query, () => convert(state, text)),
    awaitsRows: () => state.images === 'deferred' || state.cleared.length > 0,
    bringRows: () => pinned(() => bringRows(state)),
    finish: () => pinned(() => finish(state)),
  }
}

function columnsOf(data: KeptData): ColumnsKept[] {
  return data
    .flatMap((place) =>
      place.group.kept.flatMap((kept) => (kept.kind === 'columns' ? [{ place, kept }] : [])),
    )
    .map(({ place, kept }, no) => {
      const { plan, key = plan.key } = kept
      return { place, kept: { ...kept, plan: { ...plan, key } }, no }
    })
}

/**
 * Columns whose values come back by themselves. Where a later transaction than that of the images has
 * kept them, they hold what the images have changed, and the images come on top of them.
 */
function coveredBy(places: ReturnType<typeof columnPlaces>): Covered {
  const covered = new Map<string, Set<string>>()
  for (const { plan } of places) {
    const { table, columns } = plan
    covered.set(table, new Set([...(covered.get(table) ?? []), ...columns]))
  }
  return covered
}

function columnPlaces(data: KeptData) {
  const images = rowsOf(data)
  return data.flatMap((place, index) =>
    place.group.kept.flatMap((kept) => {
      if (kept.kind !== 'columns') return []
      const { plan } = kept
      const written = images.flatMap((one) =>
        one.kept.plans.some(({ table }) => table === plan.table) ? [one.index] : [],
      )
      const isLate = written.some((one) => one < index)
      const isEarly = written.some((one) => one >= index)
      return [{ plan, isLate, isEarly }]
    }),
  )
}

async function check(state: State): Promise<Objection[]> {
  const { query, acceptsLoss, columns, others: data } = state
  const objections = acceptsLoss ? [] : [...missingOf(state), ...unseenObjections(state)]
  if (!acceptsLoss) objections.push(...(await writtenSince(state)))
  const conflicts: RowConflict[] = []
  for (const one of columns) {
    const table = one.kept.after?.table
    const read = () => markStale(query, one)
    conflicts.push(...(await withoutForce(query, table === undefined ? [] : [table], read)))
  }
  if (state.images === 'waiting') {
    await loadImages(query, data)
    const { targets, missing } = await targetsOf(query, imagedTables(data), {
      moment: 'after',
      // What a later transaction has made of a column cannot be compared with the images either.
      covered: coveredBy(columnPlaces(data)),
    })
    const gone = missing.filter((name) =>
      imagedTables(data).some((table) => table.nameAfter === name),
    )
    objections.push(...gone.map((object) => noHome(state, object, 'the table is not there')))
    for (const target of targets.filter(isUsable))
      conflicts.push(
        ...(await withoutForce(query, [target.relation.name], () => markConflicts(query, target))),
      )
  }
  for (const one of state.reversals.filter(isStanding)) {
    const standing = await standingOf(state, one)
    objections.push(...standing.objections)
    conflicts.push(...standing.conflicts)
  }
  return acceptsLoss ? objections : [...objections, ...conflicts.map((one) => changed(state, one))]
}

const isStanding = ({ whole }: Reversal) => whole === undefined

type Standing = {
  readonly objections: readonly Objection[]
  readonly conflicts: readonly RowConflict[]
}

async function standingOf(state: State, reversal: Reversal): Promise<Standing> {
  const { query } = state
  const relation = await readRelation(query, reversal.oid)
  if (relation === undefined)
    return {
      objections: [noHome(state, reversal.table, 'the table is not the one that was changed')],
      conflicts: [],
    }
  await query(lockText([relation.name]))
  const reverse = () => reverseRows(query, reversal)
  return { objections: [], conflicts: await withoutForce(query, [relation.name], reverse) }
}

async function clear(state: State): Promise<Objection[]> {
  const { query, reversals, migration } = state
  const standing = reversals.filter(isStanding)
  const objections: Objection[] = []
  for (const { oid } of standing) {
    const relation = await readRelation(query, oid)
    if (relation === undefined) continue
    await quietly(state, [relation.name], async (asReplica) => {
      const held = asReplica ? [] : await othersReferringTo(query, relation.name)
      const place = { migration, object: relation.name }
      objections.push(
        ...held.map((detail) => objectTo(undoReasons.heldByOthers, place, { detail })),
      )
      if (held.length === 0) await query(`delete from only ${relation.name}`)
    })
  }
  state.cleared = standing
  return objections
}

async function othersReferringTo(query: Query, table: string): Promise<string[]> {
  const keys = await readForeignKeys(query, [table])
  return keys.filter(({ parent }) => parent === table).map(({ child }) => child)
}

function changed({ migration }: State, { table, count, keys }: RowConflict): Objection {
  const shown = keys.length === 0 ? '–' : keys.join(', ')
  const more = count > keys.length && keys.length > 0 ? ', …' : ''
  return objectTo(
    undoReasons.changedSince,
    { migration, object: table },
    { count, keys: `${shown}${more}` },
  )
}

function noHome({ migration }: State, object: string, detail: string): Objection {
  return objectTo(undoReasons.noHome, { migration, object }, { detail })
}

/** Losses that nothing was kept against. A label that goes destroys nothing: rows with it stop it. */
function missingOf({ script, data, migration }: State): Objection[] {
  return script.losses.flatMap(({ loss, preImage }) => {
    if (loss.kind === 'enum-label') return []
    if (preImage !== undefined && findKept(data, preImage) !== undefined) return []
    const detail =
      preImage === undefined ? 'nothing could have kept it' : 'there is no pre-image of it'
    return [objectTo(undoReasons.noPreImage, { migration, object: loss.object }, { detail })]
  })
}

function unseenObjections({ data, migration }: State): Objection[] {
  return unseenOf(data).map((object) => objectTo(undoReasons.unseen, { migration, object }))
}

/** Tables and columns that would go, and hold something else than what the migration put there. */
async function writtenSince({ query, script, migration, isPartial }: State): Promise<Objection[]> {
  if (isPartial === true) return []
  const known = new Map(script.stamps.map((stamp) => [stamp.object, stamp]))
  const now = await stampsOf(query, script.discards)
  const since = now.filter((stamp) => !isSame(stamp, known.get(stamp.object)))
  return since.map(({ object, rows }) =>
    objectTo(undoReasons.writtenSince, { migration, object }, { count: rows }),
  )
}

function isSame(a: Stamp, b: Stamp | undefined): boolean {
  return a.rows === b?.rows && a.sum === b.sum
}

async function restore(state: State, plan: PreImagePlan): Promise<Objection[]> {
  const { data } = state
  switch (plan.kind) {
    case 'rows':
      return state.images === 'waiting' ? restoreImages(state) : []
    case 'sequence':
      return []
    case 'table': {
      const found = findKept(data, plan)
      return found === undefined ? [] : bringTable(state, found)
    }
    case 'columns': {
      const found = findKept(data, plan)
      const columns = state.columns.find(
        ({ place, kept }) =>
          place.location === found?.place.location && kept.entry === found.kept.entry,
      )
      if (columns === undefined) return []
      const objections = await fillColumns(state, columns, around(state, columns))
      return awaitsRows(state, columns) ? [] : objections
    }
  }
}

async function bringTable(
  state: State,
  found: NonNullable<ReturnType<typeof findKept<'table'>>>,
): Promise<Objection[]> {
  const { query, reversals, acceptsLoss } = state
  const { table } = found.kept.plan
  const reversal = reversals.find(({ whole }) => whole?.kept === found.kept)
  let conflicts: RowConflict[] = []
  await quietly(state, [table], async () => {
    if (reversal !== undefined) {
      conflicts = await reverseRows(query, reversal)
      await bringReversed(query, reversal)
      return
    }
    const values = await valuesOf(state, table)
    await restoreTable(query, found, values)
    // Types of the columns may still have to go.
    for (const { source } of values) await query(`drop table ${source}`)
  })
  return acceptsLoss ? [] : conflicts.map((one) => changed(state, one))
}

async function fillColumns(
  state: State,
  columns: ColumnsKept,
  others: Around,
): Promise<Objection[]> {
  let conflicts: RowConflict[] = []
  await quietly(state, [columns.kept.plan.table], async () => {
    conflicts = await restoreColumns(state.query, columns, others)
  })
  return state.acceptsLoss ? [] : conflicts.map((one) => changed(state, one))
}

/** Rows that come at the end come without the values of columns that went before they did. */
function isFilledAgain({ others: data }: State, { no }: ColumnsKept): boolean {
  return columnPlaces(data)[no]?.isLate === false
}

/** Rows that come at the end cannot be missed before. */
function awaitsRows({ images, others: data }: State, { kept: { plan } }: ColumnsKept): boolean {
  return (
    images === 'deferred' &&
    columnPlaces(data).some((one) => one.plan.table === plan.table && (!one.isLate || one.isEarly))
  )
}

async function fillAgain(state: State): Promise<Objection[]> {
  const objections: Objection[] = []
  for (const one of state.columns)
    if (state.restored.has(one.no) && isFilledAgain(state, one))
      objections.push(...(await fillColumns(state, one, around(state, one))))
  return objections
}

const nameOfPlan = (plan: PreImagePlan) => JSON.stringify({ ...plan, key: [] })

/** Columns of the same table that steps of this way back restore, too. */
function around({ columns, script, restored }: State, one: ColumnsKept): Around {
  restored.add(one.no)
  const wanted = new Set(
    script.steps.flatMap((step) => (step.kind === 'restore' ? [nameOfPlan(step.preImage)] : [])),
  )
  const all = columns.filter(
    ({ kept: { plan } }) => plan.table === one.kept.plan.table && wanted.has(nameOfPlan(plan)),
  )
  return { all, isLast: all.every(({ no }) => restored.has(no)) }
}

async function convert({ query, columns }: State, text: string): Promise<boolean> {
  const conversion = conversionOf(text)
  const kept = columns.find(
    ({ kept: { plan, after } }) =>
      after !== undefined &&
      plan.table === conversion?.table &&
      plan.columns.includes(conversion.column),
  )
  if (conversion === undefined || kept === undefined) return false
  await convertFromKept(query, conversion, kept)
  return true
}

async function quietly(
  { query, unchecked }: State,
  tables: readonly string[],
  work: (asReplica: boolean) => Promise<void>,
): Promise<void> {
  const slept = await withoutForce(query, tables, () => withoutFiring(query, tables, work))
  if (slept) for (const table of tables) unchecked.add(table)
}

/** Where the tables are not yet fit for the rows, they come when the schema is what it was. */
async function restoreImages(state: State): Promise<Objection[]> {
  const { query } = state
  const isEarly =
    imagedTables(state.data).some(({ nameAfter }) => nameAfter === undefined) ||
    columnPlaces(state.others).some(({ isLate }) => isLate)
  if (isEarly) {
    state.images = 'deferred'
    return []
  }
  await query('savepoint studioops_images')
  try {
    const objections = await applyAll(state, 'after')
    await query('release savepoint studioops_images')
    state.images = 'done'
    return objections
  } catch (error) {
    if (!/^(22|23|42)/.test(sqlstateOf(error) ?? '')) throw error
    await query('rollback to savepoint studioops_images')
    await query('release savepoint studioops_images')
    state.images = 'deferred'
    return []
  }
}

async function applyAll(state: State, moment: Moment): Promise<Objection[]> {
  const { query, others, acceptsLoss, covered } = state
  const { targets, missing } = await targetsOf(query, imagedTables(others), { moment, covered })
  const usable = targets.filter(isUsable)
  const homeless = [
    ...missing,
    ...targets.filter((one) => !isUsable(one)).map(({ relation }) => relation.name),
  ]
  let conflicts: readonly RowConflict[] = []
  const kept = await keptValues(state, usable, moment)
  await quietly(
    state,
    usable.map(({ relation }) => relation.name),
    async (asReplica) => {
      conflicts = await applyImages(query, usable, { asReplica, kept })
    },
  )
  if (acceptsLoss) return []
  return [
    ...homeless.map((object) => noHome(state, object, 'it has another shape now')),
    ...conflicts.map((one) => changed(state, one)),
  ]
}

/** Rows that come when their columns are back need the values of those that had gone before them. */
async function keptValues(
  state: State,
  targets: readonly Target[],
  moment: Moment,
): Promise<KeptOf> {
  const values = new Map<string, readonly KeptValues[]>()
  if (moment === 'before')
    for (const { table } of targets)
      values.set(table.nameBefore, await valuesOf(state, table.nameBefore))
  return ({ table }) => values.get(table.nameBefore) ?? []
}

async function valuesOf({ query, columns }: State, table: string): Promise<KeptValues[]> {
  const values: KeptValues[] = []
  for (const one of columns)
    if (one.kept.plan.table === table) values.push(await loadColumns(query, one))
  return values
}

async function bringRows(state: State): Promise<Objection[]> {
  for (const reversal of state.cleared)
    await quietly(state, [reversal.table], () => bringReversed(state.query, reversal))
  state.cleared = []
  if (state.images !== 'deferred') return []
  state.images = 'done'
  const objections = await applyAll(state, 'before')
  return [...objections, ...(await fillAgain(state))]
}

async function finish({ query, data, migration, unchecked }: State): Promise<Objection[]> {
  for (const place of data) {
    for (const kept of place.group.kept) {
      if (kept.kind === 'table') await restoreSequencesOf(query, place, { table: kept.plan.table })
      // A column that was only converted has kept its sequence, which may have gone on.
      if (kept.kind === 'columns' && kept.after === undefined)
        await restoreSequencesOf(query, place, kept.plan)
      if (kept.kind === 'sequence') await restoreSequence(query, place, kept.plan.sequence)
    }
  }
  const tables = await existing(query, [...unchecked])
  const orphans = tables.length === 0 ? [] : await findOrphans(query, tables)
  return orphans.map(({ child, definition, count, keys }) =>
    objectTo(
      undoReasons.orphans,
      { migration, object: child },
      { count, keys: keys.join(', '), detail: definition },
    ),
  )
}

async function existing(query: Query, names: readonly string[]): Promise<string[]> {
  const { rows } = await query(
    `select n.name from unnest($1::text[]) as n (name)
      where pg_catalog.to_regclass(n.name) is not null`,
    [names],
  )
  return rows.map(({ name }) => String(name))
}

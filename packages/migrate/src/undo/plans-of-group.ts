import { type Fact, type Facts, nameOf } from '../catalog/fact.ts'
import type { StatementRange } from '../execute/migration.ts'
import type { InverseLoss, PreImagePlan } from '../inverse/pre-image.ts'
import type { DataLoss } from '../shadow/losses.ts'
import type { Observation } from '../shadow/replay.ts'

/** A plan together with what its table is called when the transaction begins. */
export type Due = {
  readonly plan: PreImagePlan
  /** Qualified and quoted; later parts of a file may call it otherwise than the plan does. */
  readonly name: string
  /** Columns that were renamed by then: unquoted names before the migration, by those. */
  readonly oldNames: ReadonlyMap<string, string>
}

type Seen = Pick<Observation, 'no' | 'losses' | 'changes'>

/** What a migration was seen to do, and on what it began. */
export type Watching = {
  readonly losses: readonly InverseLoss[]
  readonly observations: readonly Seen[]
  readonly before: Facts
}

/** What has to be kept in the transaction of these statements, before the first of them. */
export function plansDue(watching: Watching, range: StatementRange): Due[] {
  const { losses, observations, before } = watching
  const isDue = losses.map(({ loss, preImage }) =>
    preImage?.kind === 'rows'
      ? areRowsDue(loss, observations, range)
      : isFirstDue(loss, observations, range),
  )
  if (!isDue.includes(true)) return []
  const now = placesAt(before, observations, range.first)
  return losses.flatMap(({ loss, preImage }, index) => {
    if (preImage === undefined || isDue[index] !== true) return []
    const { oid } = loss
    const table = oid === undefined ? undefined : now.get(placeOf(oid, 0))
    const name = table === undefined ? (loss.table ?? loss.object) : nameOf(table)
    return [{ plan: preImage, name, oldNames: oldNamesOf(oid, before, now) }]
  })
}

/** Things go once: in the transaction of the statement that takes them. */
function isFirstDue(
  loss: DataLoss,
  observations: readonly Seen[],
  { first, last }: StatementRange,
): boolean {
  const sightings = sightingsOf(observations, ({ kind }) => kind === loss.kind)
  const found =
    sightings.find((one) => isSamePlace(one.loss, loss)) ??
    sightings.find((one) => one.loss.object === loss.object) ??
    sightings.find((one) => one.loss.oid === undefined)
  // Where nobody saw it, it goes at the beginning.
  const no = found?.no ?? observations[0]?.no ?? 1
  return no >= first && no <= last
}

/** Numbers outlive renames. */
function isSamePlace(a: DataLoss, b: DataLoss): boolean {
  return a.oid !== undefined && a.oid === b.oid && a.attnum === b.attnum
}

/** Rows may be written by many statements of many transactions, and under many names. */
function areRowsDue(
  loss: DataLoss,
  observations: readonly Seen[],
  { first, last }: StatementRange,
): boolean {
  return sightingsOf(
    observations,
    ({ kind, object, oid }) =>
      kind === 'rows' && (oid === undefined ? object === loss.object : oid === loss.oid),
  ).some(({ no }) => no >= first && no <= last)
}

type Sighting = { readonly no: number; readonly loss: DataLoss }

function sightingsOf(
  observations: readonly Seen[],
  isWanted: (loss: DataLoss) => boolean,
): Sighting[] {
  return observations.flatMap(({ no, losses }) =>
    losses.filter(isWanted).map((loss) => ({ no, loss })),
  )
}

/** A column has its table's number; the table itself is column 0. */
const placeOf = (oid: number, attnum: number) => `${oid} ${attnum}`

const isPlaced = ({ kind }: Fact) => kind === 'table' || kind === 'column'

/** Tables and columns by their numbers, as they are called when a statement begins. */
function placesAt(
  before: Facts,
  observations: readonly Seen[],
  first: number,
): ReadonlyMap<string, Fact> {
  const earlier = observations.filter(({ no }) => no < first)
  const known = [
    ...before.rows,
    ...earlier.flatMap(({ changes: { added, changed } }) => [
      ...added,
      ...changed.map(({ after }) => after),
    ]),
  ]
  return new Map(
    known
      .filter(isPlaced)
      .map((fact) => [placeOf(fact.address.oid, fact.address.column), fact] as const),
  )
}

function oldNamesOf(
  oid: number | undefined,
  before: Facts,
  now: ReadonlyMap<string, Fact>,
): ReadonlyMap<string, string> {
  const columns = before.rows.filter(
    ({ kind, address }) => kind === 'column' && address.oid === oid,
  )
  return new Map(
    columns.flatMap(({ address, name }) => {
      const then = now.get(placeOf(address.oid, address.column))?.name
      return then === undefined || then === name ? [] : [[then, name] as const]
    }),
  )
}

/** Whether the columns of a table change between statements that write its rows. */
export function changesColumns(
  observations: readonly Pick<Observation, 'no' | 'changes'>[],
  range: StatementRange,
): boolean {
  return observations.some(
    ({ no, changes: { added, removed, changed } }) =>
      no >= range.first &&
      no <= range.last &&
      [...added, ...removed, ...changed.map(({ after }) => after)].some(
        ({ kind, values }) => kind === 'column' && values['of'] === undefined,
      ),
  )
}

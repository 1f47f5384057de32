import type { StatementRange } from '../execute/migration.ts'
import type { InverseLoss, PreImagePlan } from '../inverse/pre-image.ts'
import type { DataLoss } from '../shadow/losses.ts'
import type { Observation } from '../shadow/replay.ts'

/** A plan together with what its table is called when the transaction begins. */
export type Due = {
  readonly plan: PreImagePlan
  /** Qualified and quoted; later parts of a file may call it otherwise than the plan does. */
  readonly name: string
}

type Seen = Pick<Observation, 'no' | 'losses'>

/** What has to be kept in the transaction of these statements, before the first of them. */
export function plansDue(
  losses: readonly InverseLoss[],
  observations: readonly Seen[],
  range: StatementRange,
): Due[] {
  return losses.flatMap(({ loss, preImage }) => {
    if (preImage === undefined) return []
    const due = preImage.kind === 'rows' ? rowsDue : firstDue
    return due(loss, observations, range).map((name) => ({ plan: preImage, name }))
  })
}

/** Things go once: in the transaction of the statement that takes them. */
function firstDue(loss: DataLoss, observations: readonly Seen[], range: StatementRange): string[] {
  const found = sightingOf(loss, observations)
  const no = found?.no ?? observations[0]?.no ?? 1
  return no < range.first || no > range.last ? [] : [placeOf(found?.loss ?? loss)]
}

/** Renamed before: then the first that is alike; and where nobody saw it, from the beginning. */
function sightingOf(loss: DataLoss, observations: readonly Seen[]): Sighting | undefined {
  const alike = sightingsOf(observations, ({ kind }) => kind === loss.kind)
  return alike.find((one) => one.loss.object === loss.object) ?? alike[0]
}

/** Rows may be written by many statements of many transactions, and under many names. */
function rowsDue(loss: DataLoss, observations: readonly Seen[], range: StatementRange): string[] {
  const here = sightingsOf(
    observations,
    ({ kind, object, oid }) =>
      kind === 'rows' && (oid === undefined ? object === loss.object : oid === loss.oid),
  ).filter(({ no }) => no >= range.first && no <= range.last)
  if (here.length === 0) return []
  return [...new Set([placeOf(loss), ...here.map((one) => placeOf(one.loss))])]
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

function placeOf({ kind, object, table }: DataLoss): string {
  return kind === 'sequence' ? object : (table ?? object)
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

import { readForeignKeys } from '../backup/foreign-keys.ts'
import type { BackupManifest } from '../backup/manifest.ts'
import { verifyBackup } from '../backup/verify-backup.ts'
import { quoteName } from '../catalog/identifier.ts'
import type { Query } from '../catalog/query.ts'
import { sqlstateOf } from '../execute/session.ts'
import type { Work } from '../execute/work.ts'
import { fenceText } from '../ledger/lease.ts'
import type { Attempt } from '../ledger/ledger-writes.ts'
import { type Objection, objectTo } from '../objection.ts'
import { readServerError } from '../shadow/server-error.ts'
import { rolledBackText, undoneText } from '../undo/undo-texts.ts'
import { consolidateReasons as reasons } from './consolidate-reasons.ts'
import { readStamps } from './prove-rollback.ts'
import { type ConsolidationRollback, readRollback } from './rollback-script.ts'
import { openRollback, runRollback } from './run-rollback.ts'

/** A completed consolidation, as the ledger has it. */
export type Consolidated = {
  readonly name: string
  readonly attempt: Attempt
  readonly location: string
  /** `rollback_script`. */
  readonly script: string
  /** Why rows that were written since may be lost; without it they stop everything. */
  readonly acceptLoss: string | undefined
}

export type TakenBack =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly objections: readonly Objection[] }
  /** Another runner has taken over. */
  | { readonly kind: 'fenced' }

/**
 * Goes back behind a consolidation under a lease, in one transaction with the row of the ledger.
 *
 * @throws the driver's error when the connection is lost
 */
export async function takeBackConsolidation(
  work: Work,
  consolidated: Consolidated,
): Promise<TakenBack> {
  const { name, location, script } = consolidated
  const refuse = (objection: Objection): TakenBack => ({ kind: 'refused', objections: [objection] })
  const rollback = readRollback(script)
  if (rollback === undefined) {
    const detail = 'the ledger has no such script'
    return refuse(objectTo(reasons.notProven, { migration: name }, { detail }))
  }
  const verified = await verifyBackup(location)
  if (verified.kind === 'refused') return verified
  const { session, writer } = work
  await session.query('begin')
  try {
    await session.query(fenceText(writer.ledger, writer.token))
  } catch (error) {
    if (sqlstateOf(error) !== '22012') throw error
    await session.query('rollback')
    return { kind: 'fenced' }
  }
  try {
    const { manifest } = verified
    const objections = await goBack(session.rows, { consolidated, manifest, rollback })
    if (objections.length === 0) await record(work, consolidated)
    await session.query(objections.length === 0 ? 'commit' : 'rollback')
    return objections.length === 0 ? { kind: 'done' } : { kind: 'refused', objections }
  } catch (error) {
    const objection = explain(error, name)
    await session.query('rollback')
    return refuse(objection)
  }
}

async function record({ session, writer }: Work, { attempt, acceptLoss }: Consolidated) {
  await session.query(undoneText(writer, attempt))
  await session.query(rolledBackText(writer, attempt, acceptLoss))
}

/** @throws the error itself where the connection is lost or the mistake is ours */
function explain(error: unknown, migration: string): Objection {
  const said = readServerError(error)
  if (said === undefined || /^(08|57P)/.test(said.sqlstate)) throw error
  const object = said.table ?? said.constraint ?? migration
  const detail = `${said.message} (${said.sqlstate})`
  return objectTo(reasons.wayBackFails, { migration, object }, { detail })
}

type GoingBack = {
  readonly consolidated: Consolidated
  readonly manifest: BackupManifest
  readonly rollback: ConsolidationRollback
}

async function goBack(
  query: Query,
  { consolidated, manifest, rollback }: GoingBack,
): Promise<readonly Objection[]> {
  const { name, location, acceptLoss } = consolidated
  const backup = { location, manifest }
  await query(`lock table ${rollback.locked.join(', ')} in access exclusive mode`)
  const refused = await openRollback(query, backup, rollback)
  if (refused.length > 0) return refused
  const losses = acceptLoss === undefined ? await findLosses(query, rollback) : []
  if (losses.length > 0)
    return losses.map((detail) => objectTo(reasons.usedSince, { migration: name }, { detail }))
  return runRollback(query, backup, rollback)
}

/** What the way back would take away and the consolidation did not bring. */
async function findLosses(query: Query, rollback: ConsolidationRollback): Promise<string[]> {
  const now = await readStamps(query, rollback)
  const losses = rollback.stamps.flatMap((stamp, at) => {
    const { moved, others } = now[at] ?? stamp
    return [
      ...(moved.rows === stamp.moved.rows && moved.sum === stamp.moved.sum
        ? []
        : [
            `rows that came to ${stamp.table} were changed or removed (${stamp.moved.rows} then, ${moved.rows} now)`,
          ]),
      ...(others.rows === stamp.others.rows && others.sum === stamp.others.sum
        ? []
        : [
            `${stamp.table} has other rows, or other values in added columns, than then (${stamp.others.rows} then, ${others.rows} now)`,
          ]),
    ]
  })
  return [...losses, ...(await findFollowers(query, rollback))]
}

/** Rows of other tables that refer to rows which go; with CASCADE they would go, too. */
async function findFollowers(query: Query, rollback: ConsolidationRollback): Promise<string[]> {
  const followers: string[] = []
  for (const { table, isMoved } of rollback.stampSql)
    for (const key of await readForeignKeys(query, [table])) {
      const { child, parent, columns, parentColumns } = key
      if (parent !== table || child === table || rollback.written.includes(child)) continue
      const same = columns.map(
        (column, at) => `c.${quoteName(column)} = t.${quoteName(parentColumns[at] ?? '')}`,
      )
      const { rows } = await query(
        `select exists (select 1 from ${child} c join ${table} t on ${same.join(' and ')}
          where ${isMoved}) as found`,
      )
      if (rows[0]?.['found'] === true) followers.push(`rows of ${child} refer to ${table}`)
    }
  return followers
}

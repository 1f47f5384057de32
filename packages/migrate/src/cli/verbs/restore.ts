import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { restoreDatabase, type RestoreDatabaseResult } from '../../backup/restore-database.ts'
import { restoreTables, type RestoreResult } from '../../backup/restore-tables.ts'
import { listBackups } from '../../backup/verify-backup.ts'
import type { Query } from '../../catalog/query.ts'
import { openSession } from '../../execute/session.ts'
import { type Answer, paragraphs } from '../answer.ts'
import { type Context, openClient } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { alignColumns } from '../terminal.ts'
import { refusal } from './drift.ts'

export type RestoreOptions = {
  /** Qualified; default: the whole database, which has to be empty. */
  readonly table?: readonly string[]
  /** Rows that are in those tables go first. */
  readonly replace?: boolean
}

/** Brings back what a backup holds, counted and compared before it counts; or says which there are. */
export async function restore(
  context: Context,
  given: string | undefined,
  options: RestoreOptions,
): Promise<Answer> {
  if (given === undefined) return listOf(context)
  const { voice } = context
  const { words, paint } = voice
  const location = await locationOf(context, given)
  const { config, title } = await context.connection()
  const session = await openSession({ open: () => openClient(config) })
  try {
    const result = await bringBack(session.rows, { context, location, options })
    if (result.kind === 'refused') return refusal({ objections: result.objections, title, voice })
    const skipped = 'skipped' in result ? result.skipped : []
    const { rows } = result
    const counts = Object.entries(rows).map(([name, count]) => [name, words.backup.rows(count)])
    return {
      exitCode: exitCodes.done,
      data: { database: title, location, rows, skipped },
      text: paragraphs(
        alignColumns(counts).join('\n'),
        skipped.length === 0 ? '' : words.restore.skipped(skipped.join(', ')),
        `${paint('good', words.restore.done(counts.length, location))} ${paint('quiet', words.on(title))}`,
      ),
      next: [{ command: 'status', says: words.nextSteps.status }],
    }
  } finally {
    await session.close()
  }
}

type Restoring = {
  readonly context: Context
  readonly location: string
  readonly options: RestoreOptions
}

function bringBack(
  query: Query,
  { context, location, options: { table, replace } }: Restoring,
): Promise<RestoreDatabaseResult | RestoreResult> {
  const { ledgerSchema } = context.options
  if (table === undefined)
    return restoreDatabase({ query, location, ...(ledgerSchema !== undefined && { ledgerSchema }) })
  const mode = replace === true ? 'replace' : 'into-empty'
  return restoreTables({ query, location, tables: table, mode })
}

/** A path, or the name of a backup in the directory of backups. */
async function locationOf({ backupDirectory }: Context, given: string): Promise<string> {
  const inside = join(backupDirectory, given)
  const isPath = (await stat(given).catch(() => undefined)) !== undefined
  return isPath || (await stat(inside).catch(() => undefined)) === undefined ? given : inside
}

async function listOf({ backupDirectory, voice }: Context): Promise<Answer> {
  const { words, paint } = voice
  const backups = await listBackups(backupDirectory)
  const rows = backups.map(({ location, manifest: { takenAt, migration, entries } }) => [
    location,
    paint('quiet', takenAt),
    migration ?? words.restore.everything,
    words.backup.rows(entries.reduce((sum, entry) => sum + entry.rows, 0)),
  ])
  const [newest] = backups
  return {
    exitCode: exitCodes.done,
    data: { backups: backups.map(({ location, manifest }) => ({ location, manifest })) },
    text: rows.length === 0 ? words.restore.none(backupDirectory) : alignColumns(rows).join('\n'),
    next:
      newest === undefined
        ? []
        : [{ command: `restore ${newest.location}`, says: words.nextSteps.restore }],
  }
}

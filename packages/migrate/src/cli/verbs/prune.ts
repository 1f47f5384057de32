import { pruneBackups } from '../../backup/prune-backups.ts'
import { neededBackups } from '../../undo/needed-backups.ts'
import { openSession } from '../../execute/session.ts'
import type { Answer } from '../answer.ts'
import { type Context, openClient } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'

export type PruneOptions = {
  /** The newest so many stay; default 10. */
  readonly keep?: number
  /** Days; younger ones stay. */
  readonly olderThan?: number
  /** Removes nothing. */
  readonly plan?: boolean
}

const keptOtherwise = 10
const dayMs = 86_400_000

/** Removes old backups, but none that a migration which stands would need for its way back. */
export async function prune(context: Context, options: PruneOptions): Promise<Answer> {
  const { keep = keptOtherwise, olderThan = 0, plan = false } = options
  const { voice, backupDirectory: directory } = context
  const { words, paint } = voice
  const { config, title } = await context.connection()
  const session = await openSession({ open: () => openClient(config) })
  try {
    const needed = await neededBackups(session.query, context.options.ledgerSchema)
    const removed = await pruneBackups({
      directory,
      keep,
      keepForMs: olderThan * dayMs,
      needed,
      isDryRun: plan,
    })
    const said = plan ? words.prune.planned(removed.length) : words.prune.done(removed.length)
    return {
      exitCode: plan && removed.length > 0 ? exitCodes.pending : exitCodes.done,
      data: { database: title, directory, removed, needed },
      text: [...removed, paint('good', removed.length === 0 ? words.prune.nothing : said)].join(
        '\n',
      ),
      next: plan && removed.length > 0 ? [{ command: 'prune', says: words.nextSteps.prune }] : [],
    }
  } finally {
    await session.close()
  }
}

import { z } from 'zod'
import type { Audit } from '../../platform/audit/audit.ts'
import { keepNewest, listBackups } from '../../platform/backup/backup-folder.ts'
import { type BackupSource, createBackup } from '../../platform/backup/create-backup.ts'
import { readSchedule } from '../../platform/db/rows/backup-schedule.ts'
import { defineJob, type JobKinds, type JobScope, type Schedule } from '../../platform/jobs/job.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Secret } from '../../platform/secret/secret.ts'

type Dependencies = {
  readonly source: BackupSource
  readonly directory: string
  readonly passphrase: Secret | undefined
  readonly audit: Audit
  readonly log: Log
}

/** Of one that somebody asked for. */
export const askedKind = 'backups.make-now'

const lookEveryMs = 15 * 60_000
const hourMs = 3_600_000

/** Makes a backup when the newest one is as old as the schedule says, and removes the oldest. */
export function createBackupJobs(dependencies: Dependencies): {
  readonly kinds: JobKinds
  readonly schedules: readonly Schedule[]
} {
  const { source, directory, passphrase, audit, log } = dependencies

  async function isDue(everyHours: number | undefined): Promise<boolean> {
    if (everyHours === undefined) return false
    const [newest] = await listBackups(directory)
    const at = newest?.facts === undefined ? 0 : Date.parse(newest.facts.createdAt)
    return Date.now() - at >= everyHours * hourMs
  }

  async function make(
    { signal, userId }: Pick<JobScope, 'signal' | 'userId'>,
    cause: 'schedule' | 'button',
  ): Promise<void> {
    const sealing = passphrase === undefined ? {} : { sealing: { passphrase } }
    const made = await createBackup(source, { directory, cause, signal, ...sealing })
    const { file, rows, files, isSealed: sealed } = made
    const facts = { file, rows, files, sealed }
    const actor = userId === undefined ? {} : { actorId: userId }
    await audit.record({ ...actor, action: 'backup.create', outcome: 'done', facts })
    log.info({ location: file, rows }, 'backup made')
  }

  const kinds: JobKinds = {
    'backups.make': defineJob({
      payload: z.object({}),
      async run(_, scope) {
        const { everyHours, keepCount } = await readSchedule(source.target)
        if (!(await isDue(everyHours))) return
        await make(scope, 'schedule')
        const removed = await keepNewest(directory, keepCount)
        if (removed.length > 0) log.info({ removed }, 'old backups removed')
      },
    }),
    [askedKind]: defineJob({ payload: z.object({}), run: (_, scope) => make(scope, 'button') }),
  }
  return {
    kinds,
    schedules: [
      {
        name: 'backups.make',
        everyMs: lookEveryMs,
        job: { kind: 'backups.make', cause: 'schedule', singleton: 'backups.make' },
      },
    ],
  }
}

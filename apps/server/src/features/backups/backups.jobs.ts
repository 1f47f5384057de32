import { z } from 'zod'
import type { Audit } from '../../platform/audit/audit.ts'
import { keepNewest, listBackups } from '../../platform/backup/backup-folder.ts'
import { type BackupSource, createBackup } from '../../platform/backup/create-backup.ts'
import { readSchedule } from '../../platform/db/rows/backup-schedule.ts'
import { defineJob, type JobKinds, type Schedule } from '../../platform/jobs/job.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Secret } from '../../platform/secret/secret.ts'

type Dependencies = {
  readonly source: BackupSource
  readonly directory: string
  readonly passphrase: Secret | undefined
  readonly audit: Audit
  readonly log: Log
}

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

  const kinds: JobKinds = {
    'backups.make': defineJob({
      payload: z.object({}),
      async run(_, { signal }) {
        const { everyHours, keepCount } = await readSchedule(source.target)
        if (!(await isDue(everyHours))) return
        const sealing = passphrase === undefined ? {} : { sealing: { passphrase } }
        const made = await createBackup(source, {
          directory,
          cause: 'schedule',
          signal,
          ...sealing,
        })
        const { file, rows, files, isSealed: sealed } = made
        const facts = { file, rows, files, sealed }
        await audit.record({ action: 'backup.create', outcome: 'done', facts })
        log.info(
          { location: file, rows, removed: await keepNewest(directory, keepCount) },
          'backup made',
        )
      },
    }),
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

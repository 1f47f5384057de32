import { z } from 'zod'
import type { Audit } from '../../platform/audit/audit.ts'
import {
  type BackupLook,
  findBackup,
  keepNewest,
  listBackups,
  writeLook,
} from '../../platform/backup/backup-folder.ts'
import { restoreBackup, type RestoreTarget } from '../../platform/backup/restore-backup.ts'
import { unpack } from '../../platform/backup/unpack.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { type BackupSource, createBackup } from '../../platform/backup/create-backup.ts'
import { readSchedule } from '../../platform/db/rows/backup-schedule.ts'
import { defineJob, type JobKinds, type JobScope, type Schedule } from '../../platform/jobs/job.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Secret } from '../../platform/secret/secret.ts'

type Dependencies = {
  readonly source: BackupSource
  /** Where a restore is rehearsed. */
  readonly rehearsal: RestoreTarget
  readonly directory: string
  readonly passphrase: Secret | undefined
  readonly audit: Audit
  readonly log: Log
}

/** What somebody asks for, by the names of the jobs that do it. */
export const askedKinds = {
  make: 'backups.make-now',
  verify: 'backups.verify',
  rehearse: 'backups.rehearse',
} as const
const checked = z.object({ file: z.string() })

type Looking = {
  readonly kind: BackupLook['kind']
  readonly path: string
  readonly signal: AbortSignal
}

const lookEveryMs = 15 * 60_000
const hourMs = 3_600_000

/** Makes a backup when the newest one is as old as the schedule says, and removes the oldest. */
export function createBackupJobs(dependencies: Dependencies): {
  readonly kinds: JobKinds
  readonly schedules: readonly Schedule[]
} {
  const { source, rehearsal, directory, passphrase, audit, log } = dependencies

  async function isDue(everyHours: number | undefined): Promise<boolean> {
    if (everyHours === undefined) return false
    const [newest] = await listBackups(directory)
    const at = newest?.facts === undefined ? 0 : Date.parse(newest.facts.createdAt)
    return Date.now() - at >= everyHours * hourMs
  }

  async function make(
    { signal, userId, progress }: Pick<JobScope, 'signal' | 'userId' | 'progress'>,
    cause: 'schedule' | 'button',
  ): Promise<void> {
    const sealing = passphrase === undefined ? {} : { sealing: { passphrase } }
    // As many parts as last time, as far as anybody knows.
    const [newest] = await listBackups(directory)
    const expected = newest?.facts === undefined ? 0 : newest.facts.tables + newest.facts.files
    let done = 0
    const onProgress = () => {
      done += 1
      progress({ done, total: Math.max(expected, done + 1) })
    }
    const made = await createBackup(source, { directory, cause, signal, onProgress, ...sealing })
    const { file, rows, files, isSealed: sealed } = made
    const facts = { file, rows, files, sealed }
    const actor = userId === undefined ? {} : { actorId: userId }
    await audit.record({ ...actor, action: 'backup.create', outcome: 'done', facts })
    log.info({ location: file, rows }, 'backup made')
  }

  /** Looks at an archive, and writes beside it what was found; a damaged one is no failed job. */
  async function look(
    kind: BackupLook['kind'],
    file: string,
    { signal, userId }: JobScope,
  ): Promise<void> {
    const path = await findBackup(directory, file)
    const found = await lookAt({ kind, path, signal })
    await writeLook(directory, file, { kind, at: new Date().toISOString(), ...found })
    const outcome = 'code' in found ? 'refused' : 'done'
    const actor = userId === undefined ? {} : { actorId: userId }
    await audit.record({ ...actor, action: `backup.${kind}`, outcome, facts: { file } })
  }

  async function lookAt({ kind, ...archive }: Looking): Promise<Omit<BackupLook, 'kind' | 'at'>> {
    try {
      const reading = { ...archive, passphrase }
      if (kind === 'verify') await unpack(reading)
      const changes =
        kind === 'verify'
          ? []
          : (await restoreBackup(rehearsal, { ...reading, isRehearsal: true })).changes
      return { changes: [...changes] }
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('backup.')) throw error
      return { code: error.code, facts: error.facts, changes: [] }
    }
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
    [askedKinds.make]: defineJob({
      payload: z.object({}),
      run: (_, scope) => make(scope, 'button'),
    }),
    [askedKinds.verify]: defineJob({
      payload: checked,
      run: ({ file }, scope) => look('verify', file, scope),
    }),
    [askedKinds.rehearse]: defineJob({
      payload: checked,
      run: ({ file }, scope) => look('rehearse', file, scope),
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

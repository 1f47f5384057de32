import { createReadStream } from 'node:fs'
import type {
  BackupCheck,
  BackupCheckKind,
  BackupSchedule,
  KeptBackup,
} from '@studioops/contracts/backups'
import type { Language } from '@studioops/contracts/installation'
import type { Audit } from '../../platform/audit/audit.ts'
import {
  type BackupLook,
  findBackup,
  type KeptBackup as Kept,
  listBackups,
} from '../../platform/backup/backup-folder.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import type { Jobs } from '../../platform/jobs/job-worker.ts'
import { currentContext } from '../../platform/log/log.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import { askedKinds } from './backups.jobs.ts'
import * as store from './backups.store.ts'

type Dependencies = {
  readonly database: Database
  readonly jobs: Jobs
  readonly audit: Audit
  readonly directory: string
  readonly isSealing: boolean
  /** False where nobody owns the tables, as with the evaluation database. */
  readonly canMake: boolean
}

export type BackupService = ReturnType<typeof createBackupService>

/** Backups as those who run the workspace see them. */
export function createBackupService(dependencies: Dependencies) {
  const { database, jobs, audit, directory, isSealing, canMake } = dependencies

  /** At most one of a kind at a time. */
  async function enqueue(userId: string, kind: string, payload: object): Promise<void> {
    const job = { kind, payload, userId, cause: 'button', singleton: kind, isUrgent: true }
    await database.asUser(userId, async (db) => void (await jobs.enqueue(db, job)))
  }

  return {
    async list(userId: string, language: Language) {
      const [schedule, jobsNow] = await database.asUser(userId, async (db) => [
        await store.readSchedule(db),
        await store.listRunning(db),
      ])
      const kept = await listBackups(directory)
      const backups = kept.map((backup) => present(backup, language))
      return { backups, schedule, running: jobsNow.flatMap(presentJob), canMake, isSealing }
    },

    /** At most one at a time. @throws AppError `backup.evaluation` */
    async make(userId: string): Promise<void> {
      if (!canMake) throw new AppError('backup.evaluation')
      await enqueue(userId, askedKinds.make, {})
    },

    /** @throws AppError `backup.evaluation`, `backup.not-found` */
    async check(userId: string, { file, kind }: { file: string; kind: BackupCheckKind }) {
      if (!canMake) throw new AppError('backup.evaluation')
      await findBackup(directory, file)
      await enqueue(userId, askedKinds[kind], { file })
    },

    async changeSchedule(userId: string, schedule: BackupSchedule): Promise<void> {
      await database.asUser(userId, async (db) => {
        await store.writeSchedule(db, schedule)
        const facts = { everyHours: schedule.everyHours ?? 0, keep: schedule.keepCount }
        const entry = { actorId: userId, action: 'backup.schedule', outcome: 'done' } as const
        await audit.record({ ...entry, facts }, db)
      })
    },

    /** @throws AppError `backup.not-found` */
    require: (file: string) => findBackup(directory, file),

    /** @throws AppError `backup.not-found` */
    async open(userId: string, file: string) {
      const path = await findBackup(directory, file)
      const entry = { actorId: userId, action: 'backup.download', outcome: 'done' } as const
      await audit.record({ ...entry, facts: { file } })
      return createReadStream(path)
    },
  }
}

function present({ file, bytes, facts, look }: Kept, language: Language): KeptBackup {
  const check = look && presentLook(look, language)
  const about = facts && {
    createdAt: facts.createdAt,
    product: facts.product,
    cause: facts.cause,
    isSealed: facts.isSealed,
    tables: facts.tables,
    rows: facts.rows,
    files: facts.files,
  }
  return { file, bytes, ...withoutAbsent({ facts: about, check }) }
}

function presentLook({ code, facts, ...look }: BackupLook, language: Language): BackupCheck {
  if (code === undefined) return look
  const correlationId = currentContext()?.correlationId ?? ''
  const problem = describeProblem(knownCode(code), facts ?? {}, { correlationId, language })
  return { ...look, problem }
}

const kindNames = ['make', 'verify', 'rehearse'] as const

type Running = {
  readonly kind: 'make' | BackupCheckKind
  readonly file?: string
  readonly progress?: { readonly done: number; readonly total: number }
}

function presentJob({ kind, file, done, total }: store.BackupJob): Running[] {
  const asked = kindNames.find((name) => askedKinds[name] === kind)
  if (asked === undefined) return []
  const progress = done === null || total === null ? undefined : { done, total }
  return [{ kind: asked, ...withoutAbsent({ file: file ?? undefined, progress }) }]
}

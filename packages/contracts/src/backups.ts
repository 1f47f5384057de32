import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'

/** A whole archive of the folder. */
export const keptBackup = z.object({
  file: z.string(),
  bytes: z.int(),
  /** What was written beside the archive; absent where that is gone. */
  facts: z
    .object({
      createdAt: z.iso.datetime(),
      product: z.string(),
      cause: z.enum(['command', 'schedule', 'button']),
      isSealed: z.boolean(),
      tables: z.int(),
      rows: z.int(),
      files: z.int(),
    })
    .optional(),
})
export type KeptBackup = z.output<typeof keptBackup>

export const backupSchedule = z.object({
  /** Null: none are made by themselves. */
  everyHours: z.int().min(1).max(720).nullable(),
  /** Older ones are removed after each that is made by itself. */
  keepCount: z.int().min(1).max(365),
})
export type BackupSchedule = z.output<typeof backupSchedule>

const admin = ['session.required', 'session.not-allowed'] as const
const changing = [...admin, 'session.read-only', 'session.step-up-needed'] as const

export const listBackups = defineEndpoint({
  method: 'GET',
  path: '/backups',
  summary: 'The archives that are there, the newest first, and when they are made by themselves.',
  access: 'admin',
  reply: z.object({
    backups: z.array(keptBackup),
    schedule: backupSchedule,
    /** One is being made. */
    isMaking: z.boolean(),
    /** False with the evaluation database. */
    canMake: z.boolean(),
    /** Whether a passphrase is set, so that archives are sealed. */
    isSealing: z.boolean(),
  }),
  errors: admin,
})

export const makeBackup = defineEndpoint({
  method: 'POST',
  path: '/backups',
  summary: 'Has a backup made in the background.',
  access: 'admin',
  stepUp: true,
  status: 202,
  reply: z.object({}),
  errors: [...changing, 'backup.evaluation'],
})

export const changeBackupSchedule = defineEndpoint({
  method: 'PUT',
  path: '/backups/schedule',
  summary: 'Says when backups are made by themselves, and how many are kept.',
  access: 'admin',
  stepUp: true,
  body: backupSchedule,
  reply: z.object({ schedule: backupSchedule }),
  errors: [...changing, 'request.invalid'],
})

export const prepareBackupDownload = defineEndpoint({
  method: 'POST',
  path: '/backups/downloads',
  summary: 'Asks for the password where needed; the archive is then at the path for a while.',
  access: 'admin',
  stepUp: true,
  body: z.object({ file: z.string().max(100) }),
  reply: z.object({ path: z.string() }),
  errors: [...changing, 'request.invalid', 'backup.not-found'],
})

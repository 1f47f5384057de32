import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { problem } from './problem.ts'

/** `verify` reads an archive and compares it with its manifest; `rehearse` restores it into a scratch database. */
export const backupCheckKind = z.enum(['verify', 'rehearse'])
export type BackupCheckKind = z.output<typeof backupCheckKind>

/** What the last look at an archive found. */
export const backupCheck = z.object({
  kind: backupCheckKind,
  at: z.iso.datetime(),
  /** Absent where all is well. */
  problem: problem.optional(),
  /** Of a rehearsal: tables whose number of rows a restore would change. */
  changes: z.array(z.object({ table: z.string(), now: z.int(), then: z.int() })),
})
export type BackupCheck = z.output<typeof backupCheck>

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
  check: backupCheck.optional(),
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
    /** What is done with backups at the moment, or waits for its turn. */
    running: z.array(
      z.object({
        kind: z.enum(['make', ...backupCheckKind.options]),
        /** That is looked at. */
        file: z.string().optional(),
        /** Absent while it is not known. */
        progress: z.object({ done: z.int(), total: z.int() }).optional(),
      }),
    ),
    /** False with the evaluation database. */
    canMake: z.boolean(),
    /** Whether a passphrase is set, so that archives are sealed. */
    isSealing: z.boolean(),
  }),
  errors: admin,
})

export type ListedBackups = z.output<typeof listBackups.reply>

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

export const checkBackup = defineEndpoint({
  method: 'POST',
  path: '/backups/checks',
  summary:
    'Has an archive verified, or its restore rehearsed in a scratch database, in the background.',
  access: 'admin',
  stepUp: true,
  status: 202,
  body: z.object({ file: z.string().max(100), kind: backupCheckKind }),
  reply: z.object({}),
  errors: [...changing, 'request.invalid', 'backup.not-found', 'backup.evaluation'],
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

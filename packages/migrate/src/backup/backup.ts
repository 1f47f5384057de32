export { createBackup, type CreateBackupOptions } from './create-backup.ts'
export { type ForeignKey, inOrderOfKeys, readForeignKeys } from './foreign-keys.ts'
export { inPortions, insertLines, recordsSql, valueSql } from './insert-lines.ts'
export type { BackupColumn, BackupEntry, BackupManifest, BackupSequence } from './manifest.ts'
export {
  openBackup,
  type BackupOptions,
  type BackupPart,
  type BackupResult,
  type OpenedBackup,
  type OpeningResult,
} from './open-backup.ts'
export { pruneBackups, type PruneOptions } from './prune-backups.ts'
export { entryOf, readEntryLines, readRows, type BackupRow } from './read-rows.ts'
export {
  restoreDatabase,
  type RestoreDatabaseOptions,
  type RestoreDatabaseResult,
} from './restore-database.ts'
export { restoreRows, type RestoreRowsOptions, type RestoreRowsResult } from './restore-rows.ts'
export { restoreSequences, setSequence } from './restore-sequences.ts'
export { restoreTables, type RestoreOptions, type RestoreResult } from './restore-tables.ts'
export { withSpelling } from './pinned-settings.ts'
export { withoutTriggers } from './triggers.ts'
export { listBackups, openManifest, verifyBackup, type VerifyResult } from './verify-backup.ts'

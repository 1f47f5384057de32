export { createBackupJobs } from './backups.jobs.ts'
export { backupPlaces } from './backups.places.ts'

export { createBackupJobs } from './backups.jobs.ts'
export { backupPlaces, restorePlace } from './backups.places.ts'
export { registerBackupRoutes } from './backups.routes.ts'
export { createBackupService } from './backups.service.ts'

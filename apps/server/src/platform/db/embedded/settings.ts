/**
 * Sized for a product of one team on a small machine: its memory is a promise, and 60 connections are
 * four times what the pools open. Nothing here makes an acknowledged commit less safe.
 */
const small: Readonly<Record<string, string>> = {
  shared_buffers: '32MB',
  max_connections: '60',
  maintenance_work_mem: '32MB',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  huge_pages: 'off',
  jit: 'off',
  // Three processes less; the reads of this product come from the cache of the system anyway.
  io_method: 'sync',
  max_logical_replication_workers: '0',
  autovacuum_worker_slots: '4',
  autovacuum_max_workers: '2',
  // Parallel queries want shared memory that containers limit to 64 MB.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
}

const plain: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  log_timezone: 'UTC',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  // Statements and details hold people's data. The application logs its own errors without them.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

const forgetful: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
}

export type Settings = Readonly<Record<string, string>>

/** Later ones win: ours, then the caller's. With `fsync: false` nothing survives a power cut. */
export function serverSettings({
  fsync,
  settings,
}: {
  readonly fsync: boolean
  readonly settings: Settings
}): Settings {
  return { ...small, ...plain, ...(fsync ? { fsync: 'on' } : forgetful), ...settings }
}

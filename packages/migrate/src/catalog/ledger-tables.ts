/** A table in which a migration tool keeps its progress: ours, and those of section 10. */
type LedgerTable = {
  readonly name: string
  /** The table is a ledger only with all of these. */
  readonly columns: readonly string[]
  /** The columns are all that there are: for names that an application could use, too. */
  readonly exact?: true
  /** Absent: wherever it lies. */
  readonly schema?: string
}

/** What is not part of anybody's schema, because a tool made it for itself. */
export const ledgerTables: readonly LedgerTable[] = [
  { name: 'schema_migrations', columns: ['migration_name', 'status'] },
  { name: 'schema_migrations', columns: ['version'] },
  { name: 'schema_migration_statements', columns: ['migration_id', 'statement_no'] },
  { name: 'schema_migration_lease', columns: ['only_row', 'token'] },
  { name: '__drizzle_migrations', columns: ['hash', 'created_at'] },
  { name: '_prisma_migrations', columns: ['checksum', 'migration_name'] },
  { name: 'pgmigrations', columns: ['name', 'run_on'] },
  { name: 'flyway_schema_history', columns: ['installed_rank', 'script'] },
  { name: 'schema_version', columns: ['installed_rank', 'script'] },
  { name: 'kysely_migration', columns: ['name', 'timestamp'] },
  { name: 'kysely_migration_lock', columns: ['id', 'is_locked'] },
  { name: 'schemaversion', columns: ['version', 'md5', 'run_at'] },
  { name: 'migrations', schema: 'graphile_migrate', columns: ['hash', 'previous_hash'] },
  { name: 'current', schema: 'graphile_migrate', columns: ['filename', 'content'] },
  { name: 'goose_db_version', columns: ['version_id', 'is_applied'] },
  { name: 'knex_migrations', columns: ['name', 'batch', 'migration_time'] },
  { name: 'knex_migrations_lock', columns: ['is_locked'] },
  { name: 'SequelizeMeta', columns: ['name'], exact: true },
  { name: 'migrations', columns: ['id', 'timestamp', 'name'], exact: true },
  { name: 'typeorm_metadata', columns: ['type', 'database', 'value'] },
  { name: 'ar_internal_metadata', columns: ['key', 'value'] },
  { name: 'alembic_version', columns: ['version_num'] },
  { name: 'django_migrations', columns: ['app', 'name', 'applied'] },
  { name: 'databasechangelog', columns: ['id', 'author', 'md5sum'] },
  { name: 'databasechangeloglock', columns: ['locked', 'lockgranted'] },
  { name: '_sqlx_migrations', columns: ['version', 'installed_on', 'checksum'] },
  { name: '__diesel_schema_migrations', columns: ['version', 'run_on'] },
  { name: 'refinery_schema_history', columns: ['version', 'applied_on'] },
  { name: 'atlas_schema_revisions', columns: ['version', 'partial_hashes'] },
  { name: 'schema_migrations', schema: 'supabase_migrations', columns: ['version'] },
  { name: 'seed_files', schema: 'supabase_migrations', columns: ['path', 'hash'] },
  { name: 'projects', schema: 'sqitch', columns: ['project', 'uri'] },
  { name: 'releases', schema: 'sqitch', columns: ['version', 'installer_name'] },
  { name: 'changes', schema: 'sqitch', columns: ['change_id', 'script_hash'] },
  { name: 'tags', schema: 'sqitch', columns: ['tag_id', 'change_id'] },
  { name: 'dependencies', schema: 'sqitch', columns: ['change_id', 'dependency'] },
  { name: 'events', schema: 'sqitch', columns: ['event', 'change_id'] },
  { name: 'mikro_orm_migrations', columns: ['name', 'executed_at'] },
]

/** Schemas that such a tool makes for its ledger; left out while nothing else lies in them. */
export const ledgerSchemas: readonly string[] = [
  'drizzle',
  'graphile_migrate',
  'supabase_migrations',
  'atlas_schema_revisions',
  'sqitch',
]

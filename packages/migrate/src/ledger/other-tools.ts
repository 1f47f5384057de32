/** Tools whose ledgers are recognised. */
export type Tool =
  | 'drizzle'
  | 'prisma'
  | 'node-pg-migrate'
  | 'golang-migrate'
  | 'flyway'
  | 'kysely'
  | 'postgrator'
  | 'graphile-migrate'
  | 'dbmate'
  | 'goose'
  | 'knex'
  | 'sequelize'
  | 'typeorm'
  | 'mikro-orm'
  | 'rails'
  | 'ecto'
  | 'alembic'
  | 'django'
  | 'liquibase'
  | 'sqlx'
  | 'diesel'
  | 'refinery'
  | 'atlas'
  | 'supabase'

/**
 * What a row of a ledger claims: `each` itself, `up-to` everything that is not newer, `heads` itself
 * and all its ancestors, `chain` itself and all before it.
 */
export type Coverage = 'each' | 'up-to' | 'heads' | 'chain'

/** How a tool's ledger is recognised and read. */
export type ToolRule = {
  readonly tool: Tool
  readonly table: string
  /** Undefined: wherever it lies. */
  readonly schema?: string
  /** All of these have to be there. */
  readonly columns: readonly string[]
  /** Whether there may be no others, for names that anybody could use. */
  readonly isExact?: true
  /** Another table that has to be beside it. */
  readonly beside?: string
  readonly coverage: Coverage
  /** Columns of the claim as SQL expressions: `id`, and where there are any `state` and the others. */
  readonly claim: {
    readonly id: string
    /** `applied` where it is left out; see `Claim`. */
    readonly state?: string
    readonly checksum?: string
    readonly at?: string
  }
  /** Order of the rows as SQL; default: by id. */
  readonly order?: string
  /** Key of the advisory lock that the tool takes while it works; decimal digits. */
  readonly lockKey?: string
  /** What a reader of its claims has to know. */
  readonly warning?: string
}

const appliedIf = (condition: string, otherwise: string) =>
  `case when ${condition} then 'applied' else '${otherwise}' end`

/**
 * The ledgers of other tools, as their sources and documentation describe them. The first rule that
 * fits a table wins, so the narrower ones stand first.
 */
export const toolRules: readonly ToolRule[] = [
  {
    tool: 'drizzle',
    table: '__drizzle_migrations',
    columns: ['id', 'hash', 'created_at'],
    coverage: 'each',
    claim: { id: 'hash', checksum: 'hash', at: 'to_timestamp(created_at / 1000.0)' },
    order: 'id',
    warning:
      'drizzle-kit skips files that are older than the newest row without a word; files whose hash has no row are not applied.',
  },
  {
    tool: 'prisma',
    table: '_prisma_migrations',
    columns: ['id', 'checksum', 'finished_at', 'migration_name', 'rolled_back_at', 'started_at'],
    coverage: 'each',
    claim: {
      id: 'migration_name',
      state: `case when rolled_back_at is not null then 'rolled-back'
        when finished_at is not null then 'applied' else 'failed' end`,
      checksum: 'checksum',
      at: 'finished_at',
    },
    order: 'started_at',
    lockKey: '72707369',
    warning: 'Rows that `migrate resolve` wrote prove nothing.',
  },
  {
    tool: 'node-pg-migrate',
    table: 'pgmigrations',
    columns: ['id', 'name', 'run_on'],
    coverage: 'each',
    claim: { id: 'name', at: 'run_on' },
    order: 'id',
    lockKey: '7241865325823964',
    warning: 'It keeps no checksums.',
  },
  {
    tool: 'flyway',
    table: 'flyway_schema_history',
    columns: ['installed_rank', 'version', 'description', 'type', 'script', 'checksum', 'success'],
    coverage: 'each',
    claim: flywayClaim(),
    order: 'installed_rank',
    warning:
      'A BASELINE row covers every version up to its own; a row without version is repeatable.',
  },
  {
    tool: 'flyway',
    table: 'schema_version',
    columns: ['installed_rank', 'version', 'description', 'type', 'script', 'checksum', 'success'],
    coverage: 'each',
    claim: flywayClaim(),
    order: 'installed_rank',
  },
  {
    tool: 'kysely',
    table: 'kysely_migration',
    columns: ['name', 'timestamp'],
    isExact: true,
    coverage: 'each',
    claim: { id: 'name', at: 'timestamp::timestamptz' },
    lockKey: '3853314791062309107',
    warning: 'Its migrations are code; only the fingerprint can prove them.',
  },
  {
    tool: 'postgrator',
    table: 'schemaversion',
    columns: ['version', 'name', 'md5', 'run_at'],
    coverage: 'up-to',
    claim: { id: 'version', checksum: 'md5', at: 'run_at' },
    order: 'version',
  },
  {
    tool: 'graphile-migrate',
    table: 'migrations',
    schema: 'graphile_migrate',
    columns: ['hash', 'previous_hash', 'filename', 'date'],
    coverage: 'chain',
    claim: { id: 'filename', checksum: 'hash', at: 'date' },
    order: 'filename',
    warning: '`current.sql` is not a migration.',
  },
  {
    tool: 'golang-migrate',
    table: 'schema_migrations',
    columns: ['version', 'dirty'],
    isExact: true,
    coverage: 'up-to',
    claim: { id: 'version', state: appliedIf('not dirty', 'failed') },
    warning: 'One number: files that came late and lie below it were skipped.',
  },
  {
    tool: 'supabase',
    table: 'schema_migrations',
    schema: 'supabase_migrations',
    columns: ['version', 'name'],
    coverage: 'each',
    claim: { id: 'version' },
  },
  {
    tool: 'ecto',
    table: 'schema_migrations',
    columns: ['version', 'inserted_at'],
    isExact: true,
    coverage: 'each',
    claim: { id: 'version', at: 'inserted_at' },
  },
  {
    tool: 'rails',
    table: 'schema_migrations',
    columns: ['version'],
    isExact: true,
    beside: 'ar_internal_metadata',
    coverage: 'each',
    claim: { id: 'version' },
    warning: 'Its migrations are code; only the fingerprint can prove them.',
  },
  {
    tool: 'dbmate',
    table: 'schema_migrations',
    columns: ['version'],
    isExact: true,
    coverage: 'each',
    claim: { id: 'version' },
    warning: 'It takes no lock, and others use the same table.',
  },
  {
    tool: 'goose',
    table: 'goose_db_version',
    columns: ['id', 'version_id', 'is_applied', 'tstamp'],
    coverage: 'each',
    claim: { id: 'version_id', state: appliedIf('is_applied', 'rolled-back'), at: 'tstamp' },
    order: 'id',
  },
  {
    tool: 'knex',
    table: 'knex_migrations',
    columns: ['id', 'name', 'batch', 'migration_time'],
    coverage: 'each',
    claim: { id: 'name', at: 'migration_time' },
    order: 'id',
    warning: 'Its migrations are code, and its lock is a row that may stay after a crash.',
  },
  {
    tool: 'sequelize',
    table: 'SequelizeMeta',
    columns: ['name'],
    isExact: true,
    coverage: 'each',
    claim: { id: 'name' },
    warning: 'Its migrations are code; only the fingerprint can prove them.',
  },
  {
    tool: 'typeorm',
    table: 'migrations',
    columns: ['id', 'timestamp', 'name'],
    isExact: true,
    coverage: 'each',
    claim: { id: 'name', at: 'to_timestamp(timestamp / 1000.0)' },
    order: 'id',
    warning: 'Its migrations are code; only the fingerprint can prove them.',
  },
  {
    tool: 'mikro-orm',
    table: 'mikro_orm_migrations',
    columns: ['id', 'name', 'executed_at'],
    coverage: 'each',
    claim: { id: 'name', at: 'executed_at' },
    order: 'id',
    warning: 'Its migrations are code; only the fingerprint can prove them.',
  },
  {
    tool: 'alembic',
    table: 'alembic_version',
    columns: ['version_num'],
    coverage: 'heads',
    claim: { id: 'version_num' },
    warning: 'Only heads: every ancestor in the graph of revisions is meant as well.',
  },
  {
    tool: 'django',
    table: 'django_migrations',
    columns: ['id', 'app', 'name', 'applied'],
    coverage: 'each',
    claim: { id: `app || '/' || name`, at: 'applied' },
    order: 'id',
    warning: 'Rows may be faked: `migrate --fake` writes them without running anything.',
  },
  {
    tool: 'liquibase',
    table: 'databasechangelog',
    columns: ['id', 'author', 'filename', 'dateexecuted', 'orderexecuted', 'exectype', 'md5sum'],
    coverage: 'each',
    claim: {
      id: `filename || '::' || id || '::' || author`,
      state: `case when exectype in ('EXECUTED', 'RERAN') then 'applied'
        when exectype = 'MARK_RAN' then 'skipped' else 'failed' end`,
      checksum: 'md5sum',
      at: 'dateexecuted',
    },
    order: 'orderexecuted',
    warning: 'Its lock is a row that stays after a crash; MARK_RAN was not run.',
  },
  {
    tool: 'sqlx',
    table: '_sqlx_migrations',
    columns: ['version', 'description', 'installed_on', 'success', 'checksum'],
    coverage: 'each',
    claim: {
      id: 'version',
      state: appliedIf('success', 'failed'),
      checksum: `encode(checksum, 'hex')`,
      at: 'installed_on',
    },
    order: 'version',
  },
  {
    tool: 'diesel',
    table: '__diesel_schema_migrations',
    columns: ['version', 'run_on'],
    coverage: 'each',
    claim: { id: 'version', at: 'run_on' },
    warning: 'It compares versions without dashes.',
  },
  {
    tool: 'refinery',
    table: 'refinery_schema_history',
    columns: ['version', 'name', 'applied_on', 'checksum'],
    coverage: 'each',
    claim: { id: 'version', checksum: 'checksum', at: 'applied_on::timestamptz' },
    order: 'version',
  },
  {
    tool: 'atlas',
    table: 'atlas_schema_revisions',
    columns: ['version', 'description', 'applied', 'total', 'hash'],
    coverage: 'each',
    claim: {
      id: 'version',
      state: `case when applied = total then 'applied' when applied > 0 then 'partial' else 'failed' end`,
      checksum: 'hash',
    },
  },
]

/** Undone and deleted versions are rows of their own, and the last word about a version counts. */
function flywayClaim(): ToolRule['claim'] {
  return {
    id: 'coalesce(version, script)',
    state: `case when not success then 'failed'
      when type in ('UNDO_SQL', 'DELETE') or type like 'UNDO%' then 'rolled-back'
      when type = 'BASELINE' then 'baseline' else 'applied' end`,
    checksum: 'checksum',
    at: 'installed_on',
  }
}

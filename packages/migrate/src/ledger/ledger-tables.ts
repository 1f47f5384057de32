import type { LedgerNames } from './ledger-names.ts'

/** Raised whenever the tables change; their comment says which one they are. */
export const ledgerVersion = 1

const commentStart = 'studioops-migrate ledger '

/** What the comment on `schema_migrations` says about itself; undefined for tables of others. */
export function ledgerVersionOf(comment: string | undefined): number | undefined {
  if (comment?.startsWith(commentStart) !== true) return undefined
  const version = Number(comment.slice(commentStart.length))
  return Number.isInteger(version) ? version : undefined
}

/** The columns of `schema_migrations` that the requirements prescribe, by name and type. */
export const prescribedColumns: Readonly<Record<string, string>> = {
  id: 'uuid',
  migration_name: 'text',
  migration_type: 'text',
  status: 'text',
  started_at: 'timestamptz',
  completed_at: 'timestamptz',
  error_message: 'text',
  backup_location: 'text',
  rollback_script: 'text',
  created_at: 'timestamptz',
}

/** The columns of `schema_migrations` that the engine adds; all of them may be null. */
export const detailColumns: Readonly<Record<string, string>> = {
  checksum: 'text',
  raw_sha256: 'text',
  parents: 'text[]',
  fingerprint: 'text',
  origin: 'text',
  statements_total: 'integer',
  statements_done: 'integer',
  failed_statement: 'integer',
  error_detail: 'jsonb',
  attempt: 'integer',
  duration_ms: 'bigint',
  app_version: 'text',
  host: 'text',
}

const typeRule = `check (migration_type in ('consolidation', 'schema_change', 'data_migration'))`
const statusRule = `check (status in ('pending', 'in_progress', 'completed', 'failed', 'rolled_back'))`

/** The statement that makes `schema_migrations`. */
export function createMigrationsText({ migrations }: LedgerNames): string {
  const details = Object.entries(detailColumns).map(([name, type]) => `${name} ${type}`)
  return `create table ${migrations} (
    id uuid primary key default gen_random_uuid(),
    migration_name text not null,
    migration_type text not null ${typeRule},
    status text not null default 'pending' ${statusRule},
    started_at timestamptz,
    completed_at timestamptz,
    error_message text,
    backup_location text,
    rollback_script text,
    created_at timestamptz default now(),
    ${details.join(', ')})`
}

/** What has to stand beside `schema_migrations`, whoever made that table. */
export function completeLedgerTexts({ migrations, statements, lease }: LedgerNames): string[] {
  return [
    `create unique index if not exists schema_migrations_name on ${migrations} (migration_name)`,
    `create table if not exists ${statements} (
      migration_id uuid not null references ${migrations} (id) on delete cascade,
      attempt integer not null,
      statement_no integer not null,
      state text not null check (state in ('started', 'done', 'failed', 'undone')),
      tx_class text not null check (tx_class in ('tx', 'alone', 'own', 'opaque')),
      sha256 text not null,
      token bigint not null,
      backend_pid integer not null,
      backend_start timestamptz not null,
      started_at timestamptz not null default clock_timestamp(),
      finished_at timestamptz,
      sqlstate text,
      progress jsonb,
      primary key (migration_id, attempt, statement_no))`,
    `create table if not exists ${lease} (
      only_row boolean primary key default true check (only_row),
      token bigint not null unique,
      holder text not null,
      backend_pid integer,
      backend_start timestamptz,
      heartbeat_at timestamptz not null)`,
    `comment on table ${migrations} is '${commentStart}${ledgerVersion}'`,
    `comment on table ${statements} is 'studioops-migrate: what each statement of a migration came to'`,
    `comment on table ${lease} is 'studioops-migrate: who may write, and when it was last heard'`,
  ]
}

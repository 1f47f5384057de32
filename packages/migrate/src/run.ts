import { hostname } from 'node:os'
import type { ClientBase } from 'pg'
import type { MigrationFile } from './text/files.ts'
import { readHeader } from './text/header.ts'
import { orderMigrations } from './order/order.ts'

/** How a run ended; partial completion is information, not an exception. */
export type MigrationResult =
  | { readonly kind: 'done'; readonly applied: readonly string[] }
  | {
      readonly kind: 'failed'
      readonly name: string
      readonly applied: readonly string[]
      readonly cause: unknown
    }
  /** Nothing was run: the set contradicts itself or what the database has. */
  | { readonly kind: 'refused'; readonly reason: string }

export type MigrationProgress = {
  readonly name: string
  readonly number: number
  readonly total: number
}

type Options = {
  readonly files: readonly MigrationFile[]
  /** Recorded with each migration; any text. */
  readonly appVersion: string
  readonly onProgress?: (progress: MigrationProgress) => void
}

/** Key of the advisory lock that lets one runner work at a time; any constant would do. */
const lockKey = 7_265_017_331

/** The columns of MIG-4 verbatim, then the details of MIG-5. */
const ledger = `
  create table if not exists schema_migrations (
    id uuid primary key default gen_random_uuid(),
    migration_name text not null unique,
    migration_type text not null check (migration_type in ('consolidation', 'schema_change', 'data_migration')),
    status text not null default 'pending'
      check (status in ('pending', 'in_progress', 'completed', 'failed', 'rolled_back')),
    started_at timestamptz,
    completed_at timestamptz,
    error_message text,
    backup_location text,
    rollback_script text,
    created_at timestamptz not null default now(),
    checksum text,
    duration_ms integer,
    app_version text,
    host text)`

/**
 * Applies what is pending, in declared order, each file in a transaction together with its row in
 * `schema_migrations`. Others that start at the same time wait and then find nothing to do.
 *
 * @param client a connection of its own, as a role that may create tables
 * @throws the driver's error only when the connection itself fails
 */
export async function migrate(client: ClientBase, options: Options): Promise<MigrationResult> {
  const ordering = orderMigrations(
    options.files.map(({ name, text }) => ({ name, after: readHeader(text).after })),
  )
  if (ordering.kind === 'cycle')
    return {
      kind: 'refused',
      reason: `migrations wait for each other: ${ordering.names.join(', ')}`,
    }

  await client.query('select pg_advisory_lock($1)', [lockKey])
  try {
    await client.query(ledger)
    const known = await readLedger(client)
    const reason = contradiction(options.files, known)
    if (reason !== undefined) return { kind: 'refused', reason }
    return await applyPending(client, { ...options, order: ordering.names, known })
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lockKey])
  }
}

type Known = ReadonlyMap<string, string | null>

async function readLedger(client: ClientBase): Promise<Known> {
  const { rows } = await client.query<{ migration_name: string; checksum: string | null }>(
    `select migration_name, checksum from schema_migrations where status = 'completed'`,
  )
  return new Map(rows.map((row) => [row.migration_name, row.checksum]))
}

function contradiction(files: readonly MigrationFile[], known: Known): string | undefined {
  const byName = new Map(files.map((file) => [file.name, file]))
  for (const [name, checksum] of known) {
    const file = byName.get(name)
    if (file === undefined)
      return `the database was upgraded by a newer version (it has ${name}); start that version`
    if (checksum !== null && checksum !== file.checksum)
      return `${name} was changed after it was applied; restore the file and add a new migration`
  }
  return undefined
}

type Plan = Options & { readonly order: readonly string[]; readonly known: Known }

async function applyPending(client: ClientBase, plan: Plan): Promise<MigrationResult> {
  const pending = plan.order
    .filter((name) => !plan.known.has(name))
    .map((name) => plan.files.find((file) => file.name === name))
    .filter((file) => file !== undefined)
  const applied: string[] = []
  for (const [index, file] of pending.entries()) {
    plan.onProgress?.({ name: file.name, number: index + 1, total: pending.length })
    const cause = await applyOne(client, { file, appVersion: plan.appVersion })
    if (cause !== undefined) return { kind: 'failed', name: file.name, applied, cause }
    applied.push(file.name)
  }
  return { kind: 'done', applied }
}

const record = `
  insert into schema_migrations (migration_name, migration_type, status, started_at, completed_at,
    error_message, rollback_script, checksum, duration_ms, app_version, host)
  values ($1, 'schema_change', $2, $3, now(), $4, $5, $6, $7, $8, $9)
  on conflict (migration_name) do update set (status, started_at, completed_at, error_message,
    rollback_script, checksum, duration_ms, app_version, host) =
    (excluded.status, excluded.started_at, excluded.completed_at, excluded.error_message,
    excluded.rollback_script, excluded.checksum, excluded.duration_ms, excluded.app_version, excluded.host)`

/** @returns what went wrong, after the rollback and with a `failed` row in the ledger; or undefined */
async function applyOne(
  client: ClientBase,
  { file, appVersion }: { file: MigrationFile; appVersion: string },
): Promise<unknown> {
  const startedAt = new Date()
  const row = (status: string, message: string | null) => [
    file.name,
    status,
    startedAt,
    message,
    file.downText ?? null,
    file.checksum,
    Date.now() - startedAt.getTime(),
    appVersion,
    hostname(),
  ]
  try {
    await client.query('begin')
    await client.query(file.text)
    await client.query(record, row('completed', null))
    await client.query('commit')
    return undefined
  } catch (error) {
    await client.query('rollback')
    await client.query(
      record,
      row('failed', error instanceof Error ? error.message : String(error)),
    )
    return error
  }
}

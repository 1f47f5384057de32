import type { Backend } from './lease.ts'
import { type LedgerNames, literal } from './ledger-names.ts'
import type { JournalRow, TxClass } from './ledger-rows.ts'

/** Who writes: a ledger, and the fencing token under which all of it happens. */
export type Writer = {
  readonly ledger: LedgerNames
  readonly token: string
  readonly backend: Backend
}

/** One try of one migration. */
export type Attempt = { readonly migrationId: string; readonly attempt: number }

/** What `schema_migrations` says about a migration before it runs. */
export type PlannedRow = {
  readonly id: string
  readonly name: string
  readonly type: 'consolidation' | 'schema_change' | 'data_migration'
  readonly checksum: string
  readonly rawSha256?: string | undefined
  readonly parents?: readonly string[] | undefined
  /** Expected fingerprint of the catalog after this migration. */
  readonly fingerprint?: string | undefined
  /** The proven inverse. */
  readonly rollbackScript?: string | undefined
  readonly statementsTotal: number
  readonly appVersion: string
  readonly host: string
}

/** Writes what will run, so that others see what is waiting, and forgets what nobody plans any more. */
export function planTexts({ ledger }: Writer, rows: readonly PlannedRow[]): string[] {
  const plan = rows.map((row) => ({ ...row, parents: row.parents ?? null }))
  return [
    `delete from ${ledger.migrations} where status = 'pending' and started_at is null
      and migration_name <> all (array(select jsonb_array_elements(${json(plan)}) ->> 'name'))`,
    `insert into ${ledger.migrations} as m (id, migration_name, migration_type, checksum, raw_sha256,
        parents, fingerprint, rollback_script, statements_total, app_version, host)
     select id, name, type, checksum, "rawSha256", parents, fingerprint, "rollbackScript",
        "statementsTotal", "appVersion", host
       from jsonb_to_recordset(${json(plan)}) as p (id uuid, name text, type text, checksum text,
        "rawSha256" text, parents text[], fingerprint text, "rollbackScript" text,
        "statementsTotal" integer, "appVersion" text, host text)
     on conflict (migration_name) do update set (migration_type, checksum, raw_sha256, parents,
        fingerprint, rollback_script, statements_total, app_version, host) =
       (excluded.migration_type, excluded.checksum, excluded.raw_sha256, excluded.parents,
        excluded.fingerprint,
        case when m.status in ('in_progress', 'failed') and m.statements_done > 0
          then m.rollback_script else excluded.rollback_script end,
        excluded.statements_total, excluded.app_version, excluded.host)
      where m.status <> 'completed'`,
  ]
}

/** Rows of migrations that are completed and did not run now. */
export type CompletedRows = {
  /** Checksums that an earlier version of the engine has made otherwise. */
  readonly translations: readonly { readonly id: string; readonly checksum: string }[]
  /** Migrations that stand for others which have run. */
  readonly replacements: readonly {
    readonly name: string
    readonly checksum: string | undefined
    readonly parents: readonly string[]
  }[]
}

/** Brings the rows of what has run up to date; the checksum that was there is kept beside. */
export function completedTexts(
  { ledger }: Writer,
  { translations, replacements }: CompletedRows,
): string[] {
  const translate = `update ${ledger.migrations} m
      set raw_sha256 = coalesce(m.raw_sha256, m.checksum), checksum = t.checksum
    from jsonb_to_recordset(${json(translations)}) as t (id uuid, checksum text) where t.id = m.id`
  const replace = `insert into ${ledger.migrations} (migration_name, migration_type, status,
      completed_at, checksum, parents, origin)
    select name, 'schema_change', 'completed', clock_timestamp(), checksum, parents, 'squash'
      from jsonb_to_recordset(${json(replacements)}) as r (name text, checksum text, parents text[])
    on conflict (migration_name) do update set (status, completed_at, checksum, parents, origin) =
      (excluded.status, excluded.completed_at, excluded.checksum, excluded.parents, excluded.origin)`
  return [
    ...(translations.length === 0 ? [] : [translate]),
    ...(replacements.length === 0 ? [] : [replace]),
  ]
}

/** Begins an attempt, or takes one up again. What another attempt has kept is not its own. */
export function startText({ ledger }: Writer, { migrationId, attempt }: Attempt): string {
  return `update ${ledger.migrations} set status = 'in_progress', attempt = ${attempt},
      started_at = case when attempt = ${attempt} then coalesce(started_at, clock_timestamp())
        else clock_timestamp() end,
      completed_at = null, error_message = null, failed_statement = null, error_detail = null,
      backup_location = case when attempt = ${attempt} then backup_location end,
      statements_done = case when attempt = ${attempt} then coalesce(statements_done, 0) else 0 end
    where id = ${literal(migrationId)}`
}

/** Says how many statements are done; with as many as there are, the migration is completed. */
export function progressText(
  { ledger }: Writer,
  { migrationId }: Attempt,
  { done, total }: { readonly done: number; readonly total: number },
): string {
  const completed =
    done < total
      ? ''
      : `, status = 'completed', completed_at = clock_timestamp(), error_message = null,
        failed_statement = null, error_detail = null,
        duration_ms = (extract(epoch from clock_timestamp() - started_at) * 1000)::bigint`
  return `update ${ledger.migrations} set statements_done = ${done}${completed} where id = ${literal(migrationId)}`
}

/** Remembers what undoes the statements that are done. */
export function rollbackText(
  { ledger }: Writer,
  { migrationId }: Attempt,
  script: string | undefined,
): string {
  return `update ${ledger.migrations} set rollback_script = ${literal(script)} where id = ${literal(migrationId)}`
}

/** Remembers where the data is that a migration is about to destroy. */
export function backupText({ ledger }: Writer, { migrationId }: Attempt, location: string): string {
  return `update ${ledger.migrations} set backup_location = ${literal(location)} where id = ${literal(migrationId)}`
}

/** What is stored about a failure; never a value of a row. */
export type StoredFailure = {
  readonly statementNo: number | undefined
  readonly message: string
  readonly detail: Readonly<Record<string, string | number | undefined>>
}

/** The attempt is over; what was done before stays done. */
export function failText(
  { ledger }: Writer,
  { migrationId, attempt }: Attempt,
  { statementNo, message, detail }: StoredFailure,
): string {
  return `update ${ledger.migrations} set status = 'failed', attempt = ${attempt}, completed_at = null,
      error_message = ${literal(message)}, failed_statement = ${literal(statementNo)},
      error_detail = ${json(detail)},
      duration_ms = (extract(epoch from clock_timestamp() - started_at) * 1000)::bigint
    where id = ${literal(migrationId)}`
}

/** One statement for the journal. */
export type JournalEntry = {
  readonly no: number
  readonly txClass: TxClass
  /** SHA-256 in hex of what was sent to the server. */
  readonly sha256: string
  readonly sqlstate?: string | undefined
  readonly progress?: Readonly<Record<string, unknown>> | undefined
}

/** Writes statements into the journal; a later word about the same statement replaces the earlier. */
export function journalText(
  { ledger, token, backend }: Writer,
  { migrationId, attempt }: Attempt,
  {
    state,
    entries,
  }: { readonly state: JournalRow['state']; readonly entries: readonly JournalEntry[] },
): string {
  const finished = state === 'started' ? 'null' : 'clock_timestamp()'
  // Statements of one transaction began with it; the others have a row from before they began.
  const started = state === 'started' ? 'clock_timestamp()' : 'now()'
  const values = entries.map(
    (entry) =>
      `(${literal(migrationId)}, ${attempt}, ${entry.no}, '${state}', '${entry.txClass}',
        ${literal(entry.sha256)}, ${literal(token)}, ${backend.pid}, ${literal(backend.start)},
        ${started}, ${finished}, ${literal(entry.sqlstate)}, ${json(entry.progress)})`,
  )
  return `insert into ${ledger.statements} as s (migration_id, attempt, statement_no, state, tx_class,
      sha256, token, backend_pid, backend_start, started_at, finished_at, sqlstate, progress)
    values ${values.join(', ')}
    on conflict (migration_id, attempt, statement_no) do update set (state, sha256, token,
      backend_pid, backend_start, started_at, finished_at, sqlstate, progress) =
      (excluded.state, excluded.sha256, excluded.token, excluded.backend_pid,
      excluded.backend_start,
      case when excluded.state = 'started' then excluded.started_at else s.started_at end,
      excluded.finished_at, excluded.sqlstate, coalesce(excluded.progress, s.progress))`
}

function json(value: unknown): string {
  return value === undefined ? 'null::jsonb' : `${literal(JSON.stringify(value))}::jsonb`
}

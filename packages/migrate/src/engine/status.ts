import type { Holder } from '../ledger/lease.ts'
import { readLease } from '../ledger/lease.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import type { MigrationStatus } from '../ledger/ledger-rows.ts'
import type { Query } from '../ledger/query.ts'
import type { Objection } from '../objection.ts'
import { contradictions } from '../execute/contradictions.ts'
import { readLedgerState } from './read-database.ts'
import type { ReadFiles } from './read-files.ts'
import { withSquashes } from './with-squashes.ts'

/** Where every migration stands. */
export type StatusReport = {
  /** Files first, in the order of their numbers, then what the ledger has without a file. */
  readonly migrations: readonly StatusRow[]
  /** Ids that are still to run. */
  readonly pending: readonly string[]
  /** Who works at this moment; undefined: nobody. */
  readonly holder: Holder | undefined
  /** What the ledger and the files say otherwise. */
  readonly objections: readonly Objection[]
}

export type StatusRow = {
  readonly id: string
  /** Undefined where the ledger has never heard of it. */
  readonly status: MigrationStatus | undefined
  readonly hasFile: boolean
  readonly attempt: number | undefined
  readonly statementsDone: number | undefined
  readonly statementsTotal: number | undefined
  /** ISO 8601, UTC. */
  readonly startedAt: string | undefined
  readonly completedAt: string | undefined
  readonly durationMs: number | undefined
  readonly appVersion: string | undefined
  readonly host: string | undefined
  /** English, without values of rows. */
  readonly error: string | undefined
  readonly failedStatement: number | undefined
  readonly backupLocation: string | undefined
}

/** Reads it without writing anything. */
export async function readStatus(
  query: Query,
  files: ReadFiles,
  ledgerSchema?: string,
): Promise<StatusReport> {
  const names = ledgerNames(ledgerSchema)
  const all = files.sources.map(({ id }) => id)
  const { files: chosen, ledger } = withSquashes(files, await readLedgerState(query, names, all))
  const { sources, checksums, formerChecksums } = chosen
  const ids = sources.map(({ id }) => id)
  const details = ledger.shape === 'ours' ? await readDetails(query, names.migrations) : new Map()
  const known = new Map(ledger.rows.map((row) => [row.name, row]))
  const extra = ledger.rows.map(({ name }) => name).filter((name) => !ids.includes(name))
  const rows = [...ids, ...extra].map((id): StatusRow => ({
    ...nothing,
    ...details.get(id),
    id,
    status: known.get(id)?.status,
    hasFile: ids.includes(id),
  }))
  const lease = await readLease(query, names)
  const isAlive = lease?.backend === 'alive' && lease.backendPid !== undefined
  const migrations = sources.map(({ id, header: { replaces } }) => ({
    name: id,
    replaces,
    ...(checksums.get(id) === undefined ? {} : { checksum: checksums.get(id) ?? '' }),
    formerChecksums: formerChecksums.get(id) ?? [],
    prepare: () => Promise.reject(new Error('a status runs nothing')),
  }))
  return {
    migrations: rows,
    pending: rows
      .filter(({ hasFile, status }) => hasFile && status !== 'completed')
      .map(({ id }) => id),
    holder: isAlive ? lease.holder : undefined,
    objections: [...ledger.objections, ...contradictions(migrations, ledger.rows)],
  }
}

const nothing = {
  attempt: undefined,
  statementsDone: undefined,
  statementsTotal: undefined,
  startedAt: undefined,
  completedAt: undefined,
  durationMs: undefined,
  appVersion: undefined,
  host: undefined,
  error: undefined,
  failedStatement: undefined,
  backupLocation: undefined,
}

type Details = Omit<StatusRow, 'status' | 'hasFile'>

async function readDetails(
  query: Query,
  table: string,
): Promise<ReadonlyMap<string, Partial<Details>>> {
  const rows = await query<{ id: string; details: Record<string, unknown> }>(
    `select migration_name as id, jsonb_strip_nulls(jsonb_build_object('attempt', attempt,
        'statementsDone', statements_done, 'statementsTotal', statements_total,
        'startedAt', to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'completedAt', to_char(completed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'durationMs', duration_ms, 'appVersion', app_version, 'host', host,
        'error', error_message, 'failedStatement', failed_statement,
        'backupLocation', backup_location)) as details
       from ${table}`,
  )
  return new Map(rows.map(({ id, details }) => [id, details as Partial<Details>]))
}

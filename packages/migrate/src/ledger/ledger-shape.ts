import type { LedgerNames } from './ledger-names.ts'
import {
  detailColumns,
  ledgerVersion,
  ledgerVersionOf,
  prescribedColumns,
} from './ledger-tables.ts'
import type { Query } from './query.ts'

/** What stands under the name `schema_migrations`. */
export type LedgerShape =
  | { readonly kind: 'absent' }
  /** The tables of this version of the engine. */
  | { readonly kind: 'ours' }
  /** The tables of a later version of the engine. */
  | { readonly kind: 'newer'; readonly version: number }
  /** The prescribed columns, made by something that did not know the engine. */
  | { readonly kind: 'prescribed' }
  /** One row for each version that ran, as Rails, Ecto, dbmate and many others keep it. */
  | { readonly kind: 'versions'; readonly appliedAt: string | undefined }
  /** One row that says how far golang-migrate came. */
  | { readonly kind: 'high-water-mark' }
  | { readonly kind: 'unknown'; readonly columns: readonly string[] }

/** A table as far as its shape goes. */
export type TableColumns = {
  readonly columns: readonly string[]
  readonly comment: string | undefined
}

const appliedAtNames = [
  'applied_at',
  'inserted_at',
  'executed_at',
  'run_at',
  'run_on',
  'created_at',
]
const describingNames = ['name', 'filename', 'description']

/** Tells the shapes of `schema_migrations` apart. Never throws. */
export function shapeOf({ columns, comment }: TableColumns): LedgerShape {
  if (columns.length === 0) return { kind: 'absent' }
  const version = ledgerVersionOf(comment)
  if (version !== undefined && version > ledgerVersion) return { kind: 'newer', version }
  if (version === ledgerVersion) return { kind: 'ours' }
  return foreignShape(columns)
}

function foreignShape(columns: readonly string[]): LedgerShape {
  const has = (name: string) => columns.includes(name)
  const known = [...Object.keys(prescribedColumns), ...Object.keys(detailColumns)]
  if (Object.keys(prescribedColumns).every(has) && columns.every((name) => known.includes(name)))
    return { kind: 'prescribed' }
  if (columns.length === 2 && has('version') && has('dirty')) return { kind: 'high-water-mark' }
  const appliedAt = columns.filter((name) => appliedAtNames.includes(name))
  const rest = columns.filter(
    (name) => !['version', ...appliedAt, ...describingNames].includes(name),
  )
  if (has('version') && appliedAt.length < 2 && rest.length === 0)
    return { kind: 'versions', appliedAt: appliedAt[0] }
  return { kind: 'unknown', columns }
}

/** Reads what stands under the name; a table that is not there has no columns. */
export async function readShape(query: Query, { schema }: LedgerNames): Promise<TableColumns> {
  const rows = await query<{ name: string; comment: string | null }>(
    `select a.attname as name, obj_description(c.oid, 'pg_class') as comment
       from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = $1 and c.relname = 'schema_migrations'
      order by a.attnum`,
    [schema],
  )
  return { columns: rows.map(({ name }) => name), comment: rows[0]?.comment ?? undefined }
}

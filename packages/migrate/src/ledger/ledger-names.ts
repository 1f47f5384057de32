import { createHash } from 'node:crypto'
import pg from 'pg'

/** The engine's three tables, qualified and quoted, so that no `search_path` can hide them. */
export type LedgerNames = {
  /** As it is called, unquoted. */
  readonly schema: string
  readonly migrations: string
  readonly statements: string
  readonly lease: string
}

/** `origin` of rows that were made from a spec: no file is missing for them. */
export const consolidationOrigin = 'consolidation'

/** Where the ledger stands; `public` unless another tool has a table of the same name there. */
export function ledgerNames(schema = 'public'): LedgerNames {
  const name = (table: string) => `${pg.escapeIdentifier(schema)}.${table}`
  return {
    schema,
    migrations: name('schema_migrations'),
    statements: name('schema_migration_statements'),
    lease: name('schema_migration_lease'),
  }
}

/**
 * Key of the advisory lock that lets one runner work at a time on a ledger. PostgreSQL keeps such
 * locks per database, so the schema is all that tells two ledgers apart.
 *
 * @returns a signed 64-bit integer as decimal digits
 */
export function lockKey({ schema }: Pick<LedgerNames, 'schema'>): string {
  return createHash('sha256')
    .update(`studioops-migrate:${schema}`)
    .digest()
    .readBigInt64BE()
    .toString()
}

/** A value as SQL text, for messages that hold several statements and so take no parameters. */
export function literal(value: string | number | boolean | undefined): string {
  if (value === undefined) return 'null'
  return typeof value === 'string' ? pg.escapeLiteral(value) : String(value)
}

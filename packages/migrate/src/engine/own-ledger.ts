import { objectTo, type Objection } from '../objection.ts'
import type { PendingMigration } from '../plan/elaborate.ts'
import { engineReasons } from './engine-reasons.ts'

const tables = new Set([
  'schema_migrations',
  'schema_migration_statements',
  'schema_migration_lease',
])

const head =
  /^(?<verb>drop\s+table|truncate(?:\s+table)?|alter\s+table|create\s+(?:(?:global|local|unlogged)\s+)*table|insert\s+into|update|delete\s+from)\s+(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?(?<names>[^(;]+)/i
const name = /^(?:(?<schema>"(?:[^"]|"")+"|[\w$]+)\s*\.\s*)?(?<table>"(?:[^"]|"")+"|[\w$]+)/

/**
 * What would make, change or drop the tables in which the engine keeps its progress. The shadow has
 * none of them, so nothing else sees it before it runs.
 */
export function objectToLedgerTouches(
  pending: readonly PendingMigration[],
  ledgerSchema = 'public',
): Objection[] {
  return pending.flatMap(({ source: { id, file }, analysis }) =>
    analysis.statements.flatMap(({ no, text, line, column }) => {
      const table = ledgerTableIn(text, ledgerSchema)
      if (table === undefined) return []
      const place = { migration: id, file, line, column, statementNo: no, object: table }
      return [objectTo(engineReasons.ownLedger, place)]
    }),
  )
}

function ledgerTableIn(text: string, ledgerSchema: string): string | undefined {
  const { verb = '', names = '' } = head.exec(text)?.groups ?? {}
  const takesList = /^(?:drop|truncate)/i.test(verb)
  const written = takesList ? names.split(',') : [names]
  return written
    .map((one) => name.exec(one.trim())?.groups ?? {})
    .map(({ schema, table = '' }) => ({ schema: plain(schema ?? 'public'), table: plain(table) }))
    .filter(({ schema, table }) => schema === ledgerSchema && tables.has(table))
    .map(({ schema, table }) => `${schema}.${table}`)[0]
}

function plain(written: string): string {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.toLowerCase()
}

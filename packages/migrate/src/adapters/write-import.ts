import type { Session } from '../execute/session.ts'
import type { FoundLedger } from '../ledger/detect-ledgers.ts'
import type { LedgerNames } from '../ledger/ledger-names.ts'
import { prepareLedger } from '../ledger/prepare-ledger.ts'
import type { Query } from '../ledger/query.ts'
import type { Objection } from '../objection.ts'
import { checksumOf } from '../text/checksum.ts'
import type { Parser } from '../text/parser.ts'
import type { MigrationSource } from '../text/source.ts'
import { splitStatements } from '../text/statements.ts'

type Import = {
  readonly ledger: LedgerNames
  readonly found: FoundLedger
  /** What is proven to be in the database, in order. */
  readonly sources: readonly MigrationSource[]
  readonly parser: Parser
  readonly appliedAt: ReadonlyMap<string, string>
  readonly appVersion: string
}

/**
 * Writes the ledger with one completed row for each migration, all in one transaction: whoever looks
 * sees either nothing of ours or everything.
 *
 * @returns an objection where the tables cannot be made; nothing was written then
 */
export async function writeImport(
  { query }: Session,
  work: Import,
): Promise<Objection | undefined> {
  await query('begin')
  try {
    const objection = await writeRows(query, work)
    await query(objection === undefined ? 'commit' : 'rollback')
    return objection
  } catch (error) {
    await query('rollback').catch(() => undefined)
    throw error
  }
}

async function writeRows(query: Query, work: Import): Promise<Objection | undefined> {
  const { ledger, found, sources } = work
  const isInPlace = found.schema === ledger.schema && found.table === 'schema_migrations'
  // What the mark means has been proven by the catalog; its own doubt is settled.
  if (isInPlace && found.tool === 'golang-migrate')
    await query(`update ${ledger.migrations} set dirty = false`)
  const prepared = await prepareLedger(withoutTransactions(query), ledger, {
    names: sources.map(({ id }) => id),
    proveClaims: async () => undefined,
  })
  if (prepared.kind === 'refused') return prepared.objection
  await query(
    `insert into ${ledger.migrations} as m (migration_name, migration_type, status, completed_at,
        created_at, checksum, raw_sha256, origin, statements_total, statements_done, app_version)
      select name, type, 'completed', "appliedAt", clock_timestamp(), checksum, "rawSha256", origin,
        statements, statements, "appVersion"
      from jsonb_to_recordset($1::jsonb) as r (name text, type text, "appliedAt" timestamptz,
        checksum text, "rawSha256" text, origin text, statements integer, "appVersion" text)
      on conflict (migration_name) do update set (status, completed_at, checksum, raw_sha256,
        origin, statements_total, statements_done, app_version) =
        (excluded.status, coalesce(m.completed_at, excluded.completed_at), excluded.checksum,
        excluded.raw_sha256, excluded.origin, excluded.statements_total,
        excluded.statements_done, excluded.app_version)
      where m.checksum is null or m.status <> 'completed'`,
    [JSON.stringify(sources.map((source) => rowOf(source, work)))],
  )
  return undefined
}

/** The whole of it is one transaction, which is ours. */
function withoutTransactions(query: Query): Query {
  return async (text, values) =>
    ['begin', 'commit', 'rollback'].includes(text) ? [] : query(text, values)
}

function rowOf(
  source: MigrationSource,
  { found, parser, appliedAt, appVersion }: Import,
): Readonly<Record<string, unknown>> {
  const split = splitStatements(source, parser)
  return {
    name: source.id,
    type: source.header.type,
    appliedAt: appliedAt.get(source.id) ?? null,
    checksum: checksumOf(source, parser),
    rawSha256: source.rawSha256,
    origin: `${found.tool}:${found.schema}.${found.table}`,
    statements: split.kind === 'parsed' ? split.statements.length : 0,
    appVersion,
  }
}

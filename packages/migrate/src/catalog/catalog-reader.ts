import type { Facts } from './fact.ts'
import type { Query } from './query.ts'
import { readFacts, type ReadFactsOptions } from './read-facts.ts'

/** Reads the same database again and again while it changes. */
export type CatalogReader = {
  /** Reads everything. */
  readonly readAll: (options?: Pick<ReadFactsOptions, 'transaction'>) => Promise<Facts>
  /** Reads what changed since the last reading; gives the whole. */
  readonly refresh: (options?: Pick<ReadFactsOptions, 'transaction'>) => Promise<Facts>
}

/** A reading and how much had been written ahead when it began. */
type Reading = { readonly position: string; readonly facts: Facts }

const readings = new WeakMap<Query, Map<string, Reading>>()

/**
 * Says that nobody else writes to this server, as in PGlite: where nothing was written ahead since a
 * reading, every reader of this query gives that reading again.
 */
export function rememberReadings(query: Query): void {
  if (!readings.has(query)) readings.set(query, new Map())
}

export function createCatalogReader(
  query: Query,
  { ledgerSchema }: Pick<ReadFactsOptions, 'ledgerSchema'> = {},
): CatalogReader {
  const readAll: CatalogReader['readAll'] = (options = {}) =>
    readFacts(query, { ...options, ...(ledgerSchema !== undefined && { ledgerSchema }) })
  const known = readings.get(query)
  if (known === undefined) return { readAll, refresh: readAll }
  const name = ledgerSchema ?? 'public'
  return {
    readAll,
    async refresh(options = {}) {
      // Every change of a catalog is written ahead, also one that is rolled back.
      const position = await writtenAhead(query)
      const last = known.get(name)
      if (last?.position === position) return last.facts
      const facts = await readAll(options)
      known.set(name, { position, facts })
      return facts
    },
  }
}

async function writtenAhead(query: Query): Promise<string> {
  const { rows } = await query('select pg_current_wal_insert_lsn()::text as position')
  return String(rows[0]?.['position'])
}

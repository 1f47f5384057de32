import type { Fact, Facts } from './fact.ts'
import type { Query, Row } from './query.ts'
import { readFacts, type ReadFactsOptions, toFact } from './read-facts.ts'

/** Reads the same database again and again while it changes. */
export type CatalogReader = {
  /** Reads everything. */
  readonly readAll: (options?: Pick<ReadFactsOptions, 'transaction'>) => Promise<Facts>
  /** Reads what changed since the last reading; gives the whole. */
  readonly refresh: (options?: Pick<ReadFactsOptions, 'transaction'>) => Promise<Facts>
  /** Runs a COMMIT, which changes no catalog: what was read just before it holds afterwards. */
  readonly across: (commit: () => Promise<unknown>) => Promise<void>
}

/** A reading and how much had been written ahead when it began. */
type Reading = { readonly position: string; readonly facts: Facts }

type Remembered = {
  readonly readings: Map<string, Reading>
  /** Facts of the last reading by the row that they were made of. */
  rows: ReadonlyMap<string, Fact>
}

const remembered = new WeakMap<Query, Remembered>()

/**
 * Says that nobody else writes to this server, as in PGlite: where nothing was written ahead since a
 * reading, every reader of this query gives that reading again.
 */
export function rememberReadings(query: Query): void {
  if (!remembered.has(query)) remembered.set(query, { readings: new Map(), rows: new Map() })
}

export function createCatalogReader(
  query: Query,
  { ledgerSchema }: Pick<ReadFactsOptions, 'ledgerSchema'> = {},
): CatalogReader {
  const readAll: CatalogReader['readAll'] = (options = {}) =>
    readFacts(query, { ...options, ...(ledgerSchema !== undefined && { ledgerSchema }) })
  const memory = remembered.get(query)
  if (memory === undefined)
    return { readAll, refresh: readAll, across: async (commit) => void (await commit()) }
  const name = ledgerSchema ?? 'public'
  return {
    readAll,
    async refresh(options = {}) {
      // Every change of a catalog is written ahead, also one that is rolled back.
      const position = await writtenAhead(query)
      const last = memory.readings.get(name)
      if (last?.position === position) return last.facts
      const rows = new Map<string, Fact>()
      const factOf = (row: Row) => {
        const text = textOf(row)
        const fact = memory.rows.get(text) ?? toFact(row)
        rows.set(text, fact)
        return fact
      }
      const facts = await readFacts(query, {
        ...options,
        factOf,
        ...(ledgerSchema !== undefined && { ledgerSchema }),
      })
      memory.rows = rows
      memory.readings.set(name, { position, facts })
      return facts
    },
    async across(commit) {
      const last = memory.readings.get(name)
      // Somebody may have tried something and rolled it back since.
      const isCurrent = last !== undefined && last.position === (await writtenAhead(query))
      await commit()
      if (isCurrent) memory.readings.set(name, { ...last, position: await writtenAhead(query) })
    },
  }
}

/** What was read of an object before and reads the same is the same fact, down to its place. */
function textOf(row: Row): string {
  const { kind, schema, parent, name, catalog, oid, col, vals, details, environment } = row
  return [kind, schema, parent, name, catalog, oid, col, vals, details, environment].join('\u0000')
}

async function writtenAhead(query: Query): Promise<string> {
  const { rows } = await query('select pg_current_wal_insert_lsn()::text as position')
  return String(rows[0]?.['position'])
}

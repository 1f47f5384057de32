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

export function createCatalogReader(
  query: Query,
  { ledgerSchema }: Pick<ReadFactsOptions, 'ledgerSchema'> = {},
): CatalogReader {
  const readAll: CatalogReader['readAll'] = (options = {}) =>
    readFacts(query, { ...options, ...(ledgerSchema !== undefined && { ledgerSchema }) })
  return { readAll, refresh: readAll }
}

import type { LedgerRow } from '../ledger/ledger-rows.ts'
import { chooseBySquash } from '../squash/choose-sources.ts'
import type { LedgerState } from './read-database.ts'
import type { ReadFiles } from './read-files.ts'

/** Files and ledger as they are meant, where one file stands for others. */
export type Squashed = { readonly files: ReadFiles; readonly ledger: LedgerState }

/**
 * Chooses for this database between a file and those that it replaces, and counts it as run where
 * those have run; the ledger itself learns of that with the next run.
 */
export function withSquashes(files: ReadFiles, ledger: LedgerState): Squashed {
  const standing = files.sources.filter(({ header }) => header.replaces.length > 0)
  if (standing.length === 0) return { files, ledger }
  const completed = new Set(
    ledger.rows.filter(({ status }) => status === 'completed').map(({ name }) => name),
  )
  const chosen = chooseBySquash(files.sources, completed)
  const known = new Set(chosen.sources.map(({ id }) => id))
  const done = standing.filter(
    ({ id, header }) =>
      known.has(id) &&
      (completed.has(id) || header.replaces.every((replaced) => completed.has(replaced))),
  )
  const replaced = new Map(
    done.flatMap(({ id, header }) => header.replaces.map((old) => [old, id])),
  )
  const rows = done.flatMap(({ id }) => (completed.has(id) ? [] : [rowOf(id)]))
  return {
    files: {
      ...files,
      sources: chosen.sources,
      objections: [...files.objections, ...chosen.objections],
    },
    ledger: {
      ...ledger,
      rows: [...ledger.rows, ...rows],
      ran: [...new Set(ledger.ran.map((id) => replaced.get(id) ?? id))],
    },
  }
}

const rowOf = (name: string): LedgerRow => ({
  id: '',
  name,
  status: 'completed',
  attempt: 1,
  checksum: undefined,
  origin: 'squash',
  journal: [],
})

import { openManifest } from '../backup/verify-backup.ts'
import { isMissing } from '../ledger/chain.ts'
import { ledgerNames } from '../ledger/ledger-names.ts'
import type { Query } from '../ledger/query.ts'
import { keptGroupOf } from './kept.ts'

/**
 * Locations of the backups that migrations which stand need for their way back, those of their
 * earlier transactions included.
 *
 * @throws the driver's error
 */
export async function neededBackups(query: Query, ledgerSchema?: string): Promise<string[]> {
  const needed = new Set<string>()
  for (const location of await locationsIn(query, ledgerSchema)) {
    let place: string | undefined = location
    while (place !== undefined && !needed.has(place)) {
      needed.add(place)
      const opened = await openManifest(place)
      place = opened.kind === 'verified' ? keptGroupOf(opened.manifest.notes)?.previous : undefined
    }
  }
  return [...needed]
}

async function locationsIn(query: Query, ledgerSchema: string | undefined): Promise<string[]> {
  const { migrations } = ledgerNames(ledgerSchema)
  try {
    const rows = await query<{ location: string }>(
      `select backup_location as location from ${migrations}
        where backup_location is not null and status <> 'rolled_back'`,
    )
    return rows.map(({ location }) => location)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

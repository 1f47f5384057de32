import { searchEverything, type SearchHit } from '@studioops/contracts/search'
import type { Database } from '../../platform/db/database.ts'
import type { Router } from '../../platform/http/route.ts'
import { findHits, type HitRow } from './search.store.ts'

/** Serves the search over everything that a person may see. */
export function registerSearchRoutes(router: Router, database: Database): void {
  router.serve(searchEverything, async ({ principal: { userId }, query }) => {
    const rows = await database.readAsUser(userId, (db) => findHits(db, patternsOf(query.q)))
    return { hits: rows.map(present) }
  })
}

/** Geresh and gershayim count as the quotes that most people type (HE-20). */
function patternsOf(text: string): string[] {
  return text
    .replaceAll('״', '"')
    .replaceAll('׳', "'")
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 10)
    .map((word) => `%${word.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`)
}

function present({ kind, id, title, project_id, project_name }: HitRow): SearchHit {
  return {
    kind,
    id,
    title,
    ...(project_id === null ? {} : { projectId: project_id }),
    ...(project_name === null ? {} : { projectName: project_name }),
  }
}

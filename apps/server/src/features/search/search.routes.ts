import type { Passage } from '@studioops/contracts/documents'
import { searchEverything, type SearchHit } from '@studioops/contracts/search'
import type { Database, Db } from '../../platform/db/database.ts'
import type { Router } from '../../platform/http/route.ts'
import { findHits, type HitRow, listOwnProjects, type ProjectRow } from './search.store.ts'

/** Best first; only of what this person may read. */
type FindPassages = (
  db: Db,
  asked: {
    readonly userId: string
    readonly projectIds: readonly string[]
    readonly question: string
    readonly limit: number
  },
) => Promise<readonly Passage[]>

type Dependencies = {
  readonly database: Database
  readonly findPassages: FindPassages
  /** Before the transaction in which passages are found. */
  readonly preparePassages: (question: string) => Promise<void>
}

const passagesMax = 5
/** As much as fits on a line of the widest list. */
const textMax = 160

/** Serves the search over everything that a person may see. */
export function registerSearchRoutes(
  router: Router,
  { database, findPassages, preparePassages }: Dependencies,
): void {
  router.serve(searchEverything, async ({ principal: { userId }, query }) => {
    await preparePassages(query.q)
    const hits = await database.readAsUser(userId, async (db) => {
      const named = await findHits(db, patternsOf(query.q))
      const projects = await listOwnProjects(db)
      const projectIds = projects.map(({ id }) => id)
      const asked = { userId, projectIds, question: query.q, limit: 4 * passagesMax }
      const said = firstOfEach(await findPassages(db, asked)).slice(0, passagesMax)
      return [...named.map(present), ...said.map((passage) => presentPassage(passage, projects))]
    })
    return { hits }
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

/** The best passage of each document. */
function firstOfEach(passages: readonly Passage[]): Passage[] {
  const seen = new Set<string>()
  return passages.filter(({ documentId }) => !seen.has(documentId) && seen.add(documentId))
}

function presentPassage(passage: Passage, projects: readonly ProjectRow[]): SearchHit {
  const { documentId: id, name: title, projectId } = passage
  const projectName = projects.find((project) => project.id === projectId)?.name ?? ''
  const text = passage.text.replaceAll(/\s+/g, ' ').slice(0, textMax).toWellFormed()
  return { kind: 'passage', id, title, text, projectId, projectName }
}

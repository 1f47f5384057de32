import type { Passage } from '@studioops/contracts/documents'
import type { Database, Db } from '../../platform/db/database.ts'
import type { Log } from '../../platform/log/log.ts'
import type { Hit, SearchIndex, SearchItem } from '../../platform/search/search-index.ts'
import { fuseRanks } from '../../platform/search/vectors.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { Meanings } from './documents.meanings.ts'
import * as store from './documents.search.store.ts'

type Dependencies = {
  readonly database: Database
  readonly log: Log
  readonly index: SearchIndex
  readonly meanings: Meanings
}

type Question = {
  /** Who asks; has to be the person of the transaction, whose rights the row policies apply. */
  readonly userId: string
  readonly projectIds: readonly string[]
  readonly question: string
  /** 1 to 50. */
  readonly limit: number
}

export type Passages = ReturnType<typeof createPassages>

/** Where the text of documents is found again. */
export function createPassages({ database, log, index, meanings }: Dependencies) {
  /** After passages were added. What fails is done with the next file. */
  async function merge(projectId: string): Promise<void> {
    const step = () => database.asMaintenance((db) => index.merge(db, projectId, store.findAlive))
    try {
      while (await step());
    } catch (error) {
      log.warn({ err: error }, 'parts of an index not merged')
    }
  }

  /** By their words, and where the question was prepared also by their meaning. */
  async function hitsOf(db: Db, asked: Omit<Question, 'userId'>): Promise<readonly Hit[]> {
    const { projectIds: scopeIds, question, limit } = asked
    const worded = await index.search(db, { scopeIds, question, limit })
    const meant = await meanings.near(db, asked)
    if (meant.length === 0) return worded
    return fuseRanks([worded.map(({ id }) => id), meant]).slice(0, limit)
  }

  return {
    /** Before the transaction in which a question is asked, so that its meaning counts as well. */
    prepare: meanings.prepare,

    /**
     * Passages that answer a question best, the nearest first.
     *
     * @param db a transaction, or a reading, of the person who asks
     */
    async find(db: Db, { limit, ...asked }: Question): Promise<Passage[]> {
      // Passages in the trash and of older versions are still in the index: then more are asked for.
      for (let wanted = limit * 2; ; wanted *= 4) {
        const hits = await hitsOf(db, { ...asked, limit: wanted })
        const rows = await store.readPassages(db, { ...asked, ids: hits.map(({ id }) => id) })
        if (rows.length < limit && hits.length === wanted) continue
        const byId = new Map(rows.map((row) => [row.id, row]))
        return hits
          .flatMap(({ id, score }) => {
            const row = byId.get(id)
            return row === undefined ? [] : [present(row, score)]
          })
          .slice(0, limit)
      }
    },

    /** In the transaction that writes them. */
    add: (db: Db, projectId: string, items: readonly SearchItem[]) =>
      index.add(db, projectId, items),

    merge,

    /** Leaves no word in the index of what was deleted, and none by older rules. */
    async renew(): Promise<void> {
      const step = () => database.asMaintenance((db) => index.renew(db, store))
      for (let renewed = await step(); renewed !== undefined; renewed = await step())
        await merge(renewed)
    },
  }
}

function present({ id: _, ...row }: store.PassageRow, score: number): Passage {
  const { project_id: projectId, document_id: documentId, page, ...said } = row
  return withoutAbsent({ projectId, documentId, ...said, score, page: page ?? undefined })
}

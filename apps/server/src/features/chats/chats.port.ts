import type { Db } from '../../platform/db/database.ts'

/** A piece of a document of a project that fits a question. */
export type FoundPassage = {
  readonly documentId: string
  readonly title: string
  /** Where in the document, in words, such as a page. */
  readonly place?: string | undefined
  readonly text: string
}

export type PassageQuestion = {
  readonly userId: string
  readonly projectId: string
  readonly question: string
  readonly limit: number
}

/** Best first; only of what this person may read. */
export type FindPassages = (db: Db, asked: PassageQuestion) => Promise<readonly FoundPassage[]>

/** What the purchases of a project say to a question, counted by the database and never by a model. */
export type FoundPurchases = {
  readonly title: string
  readonly text: string
  /** How many fit and are not in the text. */
  readonly leftOut: number
}

/** @returns undefined where the question is not about money, or nothing was bought */
export type FindPurchases = (
  db: Db,
  asked: Omit<PassageQuestion, 'limit'>,
) => Promise<FoundPurchases | undefined>

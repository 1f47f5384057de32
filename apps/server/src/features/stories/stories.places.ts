import type { Language } from '@studioops/contracts/installation'
import { limits } from '@studioops/contracts/limits'
import type { FoundSource, SourceKind } from '@studioops/contracts/story-context'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { BoardService } from '../boards/index.ts'
import type { DocumentService } from '../documents/index.ts'
import type { PageDesk } from '../pages/index.ts'
import type { JiraDesk } from './stories.jira.ts'

/** As whom, in which project of ours, and for which requirement something is looked for. */
type Reader = {
  readonly userId: string
  readonly language: Language
  readonly projectId: string | undefined
  readonly requirement: string
}
type Reading = Reader & { readonly ref: string; readonly boardId: string | undefined }

/** What was read: `isPart` where it is longer than what is told. */
export type SourceText = {
  readonly title: string
  readonly place: string
  readonly url?: string | undefined
  readonly content: string
  readonly isPart: boolean
}

/** A system that stories are given things of, as the person sees it. */
export type SourcePlace = {
  readonly isOpen: (userId: string) => Promise<boolean>
  /** Undefined where there is none that the person may see. @throws AppError why it does not tell */
  readonly read: (reading: Reading) => Promise<SourceText | undefined>
  /** By words that may be half typed. @throws AppError why it does not tell */
  readonly find: (reader: Reader, query: string) => Promise<FoundSource[]>
}
export type SourcePlaces = Readonly<Record<SourceKind, SourcePlace>>

type Dependencies = {
  readonly documents: Pick<DocumentService, 'list' | 'show' | 'text' | 'search'>
  readonly jira: Pick<JiraDesk, 'searchIssues' | 'readIssue'>
  readonly pages: Pick<PageDesk, 'search' | 'read'>
  readonly boards: Pick<BoardService, 'list' | 'read'>
  readonly hasJira: (userId: string) => Promise<boolean>
  readonly isSet: (userId: string, system: 'confluence' | 'trello') => Promise<boolean>
}

/** Where the context of a story comes from: documents of its project, Jira, Confluence and Trello. */
export function createSourcePlaces(dependencies: Dependencies): SourcePlaces {
  const { hasJira, isSet } = dependencies
  return {
    document: documentsAt(dependencies),
    'jira-issue': { ...issuesAt(dependencies), isOpen: hasJira },
    'confluence-page': {
      ...pagesAt(dependencies),
      isOpen: (userId) => isSet(userId, 'confluence'),
    },
    'trello-card': { ...cardsAt(dependencies), isOpen: (userId) => isSet(userId, 'trello') },
  }
}

const chunksMax = 50
const max = limits.foundSourcesMax

function documentsAt({ documents }: Dependencies): SourcePlace {
  return {
    isOpen: () => Promise.resolve(true),

    async read({ userId, language, projectId, ref: documentId, requirement }) {
      if (projectId === undefined) return undefined
      const asked = { userId, projectId, documentId, language }
      const { document } = await documents.show(asked)
      if (document.deletedAt !== undefined) return undefined
      const { chunks, total } = await documents.text({ ...asked, from: 0, limit: chunksMax })
      // Of a long one, what is nearest to the requirement.
      const found =
        total <= chunks.length
          ? chunks
          : (
              await documents.search({
                userId,
                projectId,
                question: requirement,
                limit: chunksMax,
              })
            )
              .filter((passage) => passage.documentId === documentId)
              .toSorted((one, other) => one.ordinal - other.ordinal)
      const told = found.length === 0 ? chunks : found
      return {
        title: document.name,
        place: 'StudioOps',
        content: told.map(({ text }) => text).join('\n\n'),
        isPart: told.length < total,
      }
    },

    async find({ userId, language, projectId }, query) {
      if (projectId === undefined) return []
      const { documents: found } = await documents.list({
        userId,
        projectId,
        language,
        name: query,
        state: 'ready',
        trash: false,
        limit: max,
        offset: 0,
      })
      return found.map(({ id, name }) => ({
        kind: 'document',
        ref: id,
        title: name,
        place: 'StudioOps',
      }))
    },
  }
}

type Without<Place> = Omit<Place, 'isOpen'>

function issuesAt({ jira }: Dependencies): Without<SourcePlace> {
  return {
    async read({ userId, ref }) {
      const issue = await jira.readIssue(userId, ref)
      return (
        issue && {
          title: `${issue.key} ${issue.summary}`,
          place: 'Jira',
          url: issue.url,
          content: `${issue.summary}\n\n${issue.text}`,
          isPart: false,
        }
      )
    },

    async find({ userId }, query) {
      if (query === '') return []
      const found = await jira.searchIssues(userId, { query, isHalfTyped: true })
      return found.slice(0, max).map(({ key, summary, status }) => ({
        kind: 'jira-issue',
        ref: key,
        title: `${key} ${summary}`,
        place: 'Jira',
        detail: status,
      }))
    },
  }
}

function pagesAt({ pages }: Dependencies): Without<SourcePlace> {
  return {
    async read({ userId, ref }) {
      const { title, space, url, text } = await pages.read(userId, ref)
      return { title, place: space, url, content: text, isPart: false }
    },

    async find({ userId }, query) {
      if (query === '') return []
      const found = await pages.search(userId, query, true)
      return found.slice(0, max).map(({ pageId, title, spaceName, excerpt }) => ({
        kind: 'confluence-page',
        ref: pageId,
        title,
        place: spaceName,
        detail: excerpt,
      }))
    },
  }
}

/** So many boards are looked into, the first ones that Trello tells. */
const boardsMax = 10

function cardsAt({ boards }: Dependencies): Without<SourcePlace> {
  return {
    async read({ userId, language, ref, boardId }) {
      if (boardId === undefined) return undefined
      const { board } = await boards.read({ userId, language }, boardId)
      const card = board.cards.find(({ id }) => id === ref)
      if (card === undefined) return undefined
      const items = card.checklists.flatMap((list) => list.items.map(({ name }) => `- ${name}`))
      return {
        title: card.name,
        place: board.name,
        url: card.url,
        content: [card.name, card.desc, items.join('\n')]
          .filter((text) => text !== '')
          .join('\n\n'),
        isPart: false,
      }
    },

    async find({ userId, language }, query) {
      const reader = { userId, language }
      const { boards: all } = await boards.list(reader)
      const words = wordsOf(query)
      const read = await Promise.all(
        all.slice(0, boardsMax).map(({ id }) => boards.read(reader, id)),
      )
      return read
        .flatMap(({ board }) =>
          board.cards
            .filter(({ name, desc }) => holdsAll(`${name} ${desc}`, words))
            .map(({ id, name, listId }) =>
              withoutAbsent({
                kind: 'trello-card' as const,
                ref: id,
                boardId: board.id,
                title: name,
                place: board.name,
                detail: board.lists.find((list) => list.id === listId)?.name,
              }),
            ),
        )
        .slice(0, max)
    },
  }
}

const wordsOf = (text: string) =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')

function holdsAll(text: string, words: readonly string[]): boolean {
  const held = text.toLowerCase()
  return words.every((word) => held.includes(word))
}

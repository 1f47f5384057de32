import { createHash, randomUUID } from 'node:crypto'
import { limits, shortenText } from '@studioops/contracts/limits'
import type { Language } from '@studioops/contracts/installation'
import type { Operation } from '@studioops/contracts/operations'
import type { StoryContent } from '@studioops/contracts/story-content'
import { approvalHash } from '../../platform/approval/approval-hash.ts'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { BoardService } from '../boards/index.ts'
import type { OutboxService } from '../outbox/index.ts'
import { layOut } from './stories.layout.ts'
import type { StoryService } from './stories.service.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly stories: Pick<StoryService, 'describe' | 'requireReady'>
  readonly boards: Pick<BoardService, 'read' | 'preview'>
  readonly outbox: Pick<OutboxService, 'planGroup' | 'ofCause' | 'list' | 'present' | 'newMarker'>
  readonly wakeOutbox: () => void
}

type Asked = { readonly userId: string; readonly storyId: string; readonly language: Language }
type Place = { readonly boardId: string; readonly listId: string }

/** The same card of the same story has the same marker, each time that it is shown. */
function idOf(parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join(' ')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A story, or each part of a split, as cards: what would be written, and the approval of exactly that. */
export function createStoryCards(dependencies: Dependencies) {
  const { database, audit, stories, boards, outbox, wakeOutbox } = dependencies

  async function build({ userId, storyId, language: reader }: Asked, { boardId, listId }: Place) {
    const { content, children, language } = await stories.describe(userId, storyId)
    await stories.requireReady(userId, storyId)
    const { board } = await boards.read({ userId, language: reader }, boardId)
    const list = board.lists.find(({ id }) => id === listId)
    if (list === undefined) throw new AppError('board.gone')
    const texts = children.length === 0 ? [content] : children
    const drafts = []
    for (const [index, text] of texts.entries()) {
      const card = cardOf(text, language)
      const id = idOf([storyId, boardId, listId, String(index), JSON.stringify(card)])
      drafts.push(
        await boards.preview(userId, boardId, {
          id,
          change: { type: 'add-card', listId, ...card },
        }),
      )
    }
    const payload = drafts.map(({ payloadHash }) => payloadHash)
    return {
      drafts,
      payloadHash: approvalHash({ kind: 'group', target: {}, payload }),
      title: content.summary,
      board: board.name,
      list: list.name,
      cards: texts.map((text) => cardOf(text, language)),
    }
  }

  return {
    /** @throws AppError `story.not-ready`, `board.*`, `trello.*`, `feature.closed` */
    async preview(asked: Asked, place: Place) {
      const { payloadHash, board, list, cards } = await build(asked, place)
      return { payloadHash, board, list, cards }
    },

    /**
     * Puts exactly the cards that were shown into the outbox; the same again finds the first.
     *
     * @throws AppError `story.payload-changed`, `story.not-ready`, `board.*`
     */
    async make(
      asked: Asked,
      { payloadHash, ...place }: Place & { readonly payloadHash: string },
    ): Promise<Operation> {
      const { userId, storyId, language } = asked
      const cause = `cards:${storyId}:${payloadHash}`
      const before = await database.asUser(userId, (db) => outbox.ofCause(db, cause))
      const isOn = before !== undefined && !['refused', 'cancelled'].includes(before.row.state)
      if (isOn) return outbox.present(before, language)
      const built = await build(asked, place)
      if (built.payloadHash !== payloadHash) throw new AppError('story.payload-changed')
      const ids = built.drafts.map(() => randomUUID()).toSorted()
      const made = await database.asUser(userId, async (db) => {
        await outbox.planGroup(db, {
          id: randomUUID(),
          userId,
          cause,
          storyId,
          title: built.title,
          steps: built.drafts.map((draft, index) => ({
            ...draft,
            id: ids[index] ?? randomUUID(),
            step: 0,
            userId,
            storyId,
          })),
        })
        const facts = { payload_hash: payloadHash, board: built.board, cards: ids.length }
        const target = `story:${storyId}`
        await audit.record(
          { actorId: userId, action: 'story.cards', target, outcome: 'done', facts },
          db,
        )
        return outbox.ofCause(db, cause)
      })
      wakeOutbox()
      if (made === undefined) throw new AppError('operation.not-found')
      return outbox.present(made, language)
    },

    /** Newest first. @throws AppError `story.not-found` */
    async list({ userId, storyId, language }: Asked): Promise<Operation[]> {
      const all = await outbox.list(userId, 100)
      return all
        .filter(
          ({ row, steps = [] }) =>
            row.story_id === storyId && steps.some(({ system }) => system === 'trello'),
        )
        .map((each) => outbox.present(each, language))
    },
  }
}

export type StoryCards = ReturnType<typeof createStoryCards>

/** Room for the mark by which the card is found again. */
const markRoom = 200

function cardOf(content: StoryContent, language: Language) {
  const text = layOut(content, { language })
  return {
    name: shortenText(content.summary, limits.cardNameLengthMax / 2),
    desc: text.slice(0, limits.cardTextLengthMax - markRoom).toWellFormed(),
  }
}

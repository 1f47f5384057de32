import {
  board as boardShape,
  boardComment,
  boardSummary,
  type BoardChange,
  type BoardView,
} from '@studioops/contracts/boards'
import type { Language } from '@studioops/contracts/installation'
import type { Problem } from '@studioops/contracts/problem'
import { z } from 'zod'
import type { TrelloClient } from '../../integrations/trello/trello-client.ts'
import { TrelloError } from '../../integrations/trello/trello-error.ts'
import type { OpenTrello } from '../../integrations/trello/trello-opener.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import { toProblem } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import type { ConnectionService } from '../connections/index.ts'
import type { OutboxService, WholeOperation } from '../outbox/index.ts'
import { type Draft, draftOf } from './boards.draft.ts'
import { asRefusal, boardTarget } from './boards.executors.ts'
import { presentBoard, presentComment, presentSummary } from './boards.present.ts'
import * as store from './boards.store.ts'

type Dependencies = {
  readonly database: Database
  readonly openTrello: OpenTrello
  readonly connections: Pick<ConnectionService, 'requireTrello' | 'noteUse'>
  readonly outbox: Pick<OutboxService, 'list' | 'plan' | 'present'>
  readonly wakeOutbox: () => void
  /** Called with each board that Trello has told, in the transaction that keeps it. */
  readonly planWatch: (db: Db, userId: string, boardId: string) => Promise<void>
}

export type Reader = { readonly userId: string; readonly language: Language }

type Wish = { readonly id: string; readonly change: BoardChange }

/** An answer of Trello, or the last one that it gave. */
type Known<T> = {
  readonly value: T
  readonly asOf: string
  readonly problem: Problem | undefined
}

/** What was fetched within this time is shown again, unless somebody asks for now. */
const freshMs = 20_000

/** How long a page waits for Trello where there is something to show already. */
const patienceMs = 4_000
const firstPatienceMs = 10_000

const refusedShownMs = 10 * 60_000

export type BoardService = ReturnType<typeof createBoardService>

/** A person's boards, as Trello last told them, with the person's own changes under way (D-10). */
export function createBoardService(dependencies: Dependencies) {
  const { database, openTrello, connections, outbox, wakeOutbox, planWatch } = dependencies

  type Question<T> = store.CopyPlace & {
    readonly shape: z.ZodType<T>
    readonly ask: (trello: TrelloClient, deadlineMs: number) => Promise<T>
    /** True for a copy that is not to be shown without asking. */
    readonly mustAsk: (copy: store.Copy) => boolean
  }

  async function fetchNow<T>(
    userId: string,
    { kind, key, ask }: Question<T>,
    deadlineMs: number,
  ): Promise<Known<T>> {
    const at = new Date()
    try {
      const value = await ask(await openTrello(userId), deadlineMs)
      await connections.noteUse(userId, 'trello', undefined)
      await database.asUser(userId, async (db) => {
        await store.saveCopy(db, { kind, key }, { userId, value, at })
        if (kind === 'board') await planWatch(db, userId, key)
      })
      return { value, asOf: at.toISOString(), problem: undefined }
    } catch (error) {
      const refusal = asRefusal(error)
      await connections.noteUse(userId, 'trello', refusal)
      throw error
    }
  }

  /** The copy, where it is one that we can still read. */
  async function recall<T>(userId: string, { kind, key, shape }: Question<T>) {
    const copy = await database.readAsUser(userId, (db) => store.findCopy(db, { kind, key }))
    const read = copy && shape.safeParse(copy.value)
    return copy !== undefined && read?.success === true ? { copy, value: read.data } : undefined
  }

  async function known<T>(reader: Reader, question: Question<T>): Promise<Known<T>> {
    const { userId } = reader
    await connections.requireTrello(userId)
    const before = await recall(userId, question)
    if (before !== undefined && !question.mustAsk(before.copy)) return toKnown(before, undefined)
    try {
      return await fetchNow(userId, question, before === undefined ? firstPatienceMs : patienceMs)
    } catch (error) {
      const refusal = asRefusal(error)
      if (isFinal(error)) await database.asUser(userId, (db) => store.forgetCopy(db, question))
      if (before === undefined || isFinal(error)) throw withoutCopy(error, refusal)
      return toKnown(before, explain(refusal, reader))
    }
  }

  const isOld = ({ fetchedAt, isOutdated }: store.Copy) =>
    isOutdated || Date.now() - fetchedAt.getTime() > freshMs

  async function operationsOf({ userId }: Reader, boardId: string): Promise<OfBoard[]> {
    const all = await outbox.list(userId, 100)
    return all
      .flatMap((whole) => {
        if (whole.row.system !== 'trello') return []
        const target = boardTarget.safeParse(whole.row.target)
        return target.success && target.data.boardId === boardId
          ? [{ whole, change: target.data.change }]
          : []
      })
      .toReversed()
  }

  async function show(reader: Reader, boardId: string, isAsked: boolean): Promise<BoardView> {
    const operations = await operationsOf(reader, boardId)
    const doneAt = Math.max(
      0,
      ...operations
        .filter(({ whole }) => whole.row.state === 'done')
        .map(({ whole }) => whole.row.updated_at.getTime()),
    )
    const found = await known(reader, {
      ...boardQuestion(boardId),
      mustAsk: (copy) => isAsked || isOld(copy) || doneAt >= copy.fetchedAt.getTime(),
    })
    const asOf = Date.parse(found.asOf)
    const pending = operations
      .filter(({ whole }) => isShown(whole, asOf))
      .map(({ whole, change }) => ({ change, operation: outbox.present(whole, reader.language) }))
    const { value: board, problem } = found
    return { board, asOf: found.asOf, pending, ...(problem && { problem }) }
  }

  const boardQuestion = (boardId: string) => ({
    kind: 'board' as const,
    key: boardId,
    shape: boardShape,
    ask: async (trello: TrelloClient, deadlineMs: number) =>
      presentBoard(await trello.wholeBoard(boardId, { deadlineMs })),
  })

  async function draft(userId: string, boardId: string, wish: Wish): Promise<Draft> {
    await connections.requireTrello(userId)
    const copy = await database.readAsUser(userId, (db) =>
      store.findCopy(db, { kind: 'board', key: boardId }),
    )
    const read = boardShape.safeParse(copy?.value)
    if (!read.success) throw new AppError('board.not-known')
    const { host } = await openTrello(userId)
    return draftOf({ ...wish, board: read.data, host })
  }

  return {
    /** @throws AppError `feature.closed`, `trello.unavailable` */
    async list(reader: Reader) {
      const found = await known(reader, {
        kind: 'boards',
        key: '',
        shape: z.array(boardSummary),
        ask: async (trello) => (await trello.boards()).map(presentSummary),
        mustAsk: isOld,
      })
      const { value: boards, asOf, problem } = found
      if (problem === undefined)
        await database.asUser(reader.userId, (db) =>
          store.forgetOtherBoards(
            db,
            boards.map(({ id }) => id),
          ),
        )
      return { boards, asOf, ...(problem && { problem }) }
    },

    /** @throws AppError `feature.closed`, `trello.unavailable`, `trello.not-found` */
    read: (reader: Reader, boardId: string) => show(reader, boardId, false),
    /** @throws AppError `feature.closed`, `trello.unavailable`, `trello.not-found` */
    refresh: (reader: Reader, boardId: string) => show(reader, boardId, true),

    /**
     * Reads a board anew that is known to have changed, unless somebody has since.
     *
     * @throws AppError why Trello does not tell it
     */
    async refreshKnown(userId: string, boardId: string): Promise<void> {
      const question = { ...boardQuestion(boardId), mustAsk: () => true }
      const before = await recall(userId, question)
      if (before?.copy.isOutdated !== true) return
      await fetchNow(userId, question, firstPatienceMs).catch((error: unknown) => {
        throw asRefusal(error)
      })
    },

    /** @throws AppError `feature.closed`, `trello.unavailable`, `trello.not-found` */
    async comments(reader: Reader, cardId: string) {
      const { value, asOf, problem } = await known(reader, {
        kind: 'comments',
        key: cardId,
        shape: z.array(boardComment),
        ask: async (trello) => (await trello.comments(cardId)).map(presentComment),
        mustAsk: () => true,
      })
      return { comments: value, asOf, ...(problem && { problem }) }
    },

    /** @throws AppError `board.not-known`, `board.gone`, `feature.closed` */
    preview: draft,

    /**
     * @throws AppError `board.not-known`, `board.gone`, `feature.closed`, and
     *   `operation.payload-changed` where what would be sent is not what was shown
     */
    async approve(
      { userId, language }: Reader,
      boardId: string,
      { payloadHash, ...wish }: Wish & { readonly payloadHash: string },
    ) {
      const made = await draft(userId, boardId, wish)
      if (made.payloadHash !== payloadHash) throw new AppError('operation.payload-changed')
      await database.asUser(userId, (db) =>
        outbox.plan(db, { ...made, userId, cause: `board:${made.id}` }),
      )
      wakeOutbox()
      const all = await outbox.list(userId, 100)
      const planned = all.find(({ row }) => row.id === made.id)
      if (planned === undefined) throw new AppError('operation.not-found')
      return outbox.present(planned, language)
    },
  }
}

function toKnown<T>(
  { copy, value }: { readonly copy: store.Copy; readonly value: T },
  problem: Problem | undefined,
): Known<T> {
  return { value, asOf: copy.fetchedAt.toISOString(), problem }
}

function explain(refusal: AppError, { language }: Reader): Problem {
  const correlationId = currentContext()?.correlationId ?? ''
  return toProblem(refusal, { correlationId, language })
}

type OfBoard = { readonly whole: WholeOperation; readonly change: BoardChange }

/** What the board of that moment cannot show by itself. */
function isShown({ row }: WholeOperation, asOf: number): boolean {
  const changedAt = row.updated_at.getTime()
  if (row.state === 'cancelled') return false
  if (row.state === 'done') return changedAt >= asOf
  return row.state !== 'refused' || Date.now() - changedAt < refusedShownMs
}

/** Trello has it not, or not for this person: an old copy would be a lie. */
function isFinal(error: unknown): boolean {
  return error instanceof TrelloError && ['not-found', 'forbidden'].includes(error.kind)
}

const awayKinds = new Set(['unreachable', 'timeout', 'server-error', 'dns', 'aborted'])

/** There is nothing from before: that Trello is away is all that can be said. */
function withoutCopy(error: unknown, refusal: AppError): AppError {
  const isAway = error instanceof TrelloError && awayKinds.has(error.kind)
  return isAway ? new AppError('trello.unavailable', { cause: refusal }) : refusal
}

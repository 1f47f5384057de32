import { randomUUID } from 'node:crypto'
import type * as api from '@studioops/contracts/chats'
import type { Language } from '@studioops/contracts/installation'
import { limits, shortenText } from '@studioops/contracts/limits'
import type { Operation } from '@studioops/contracts/operations'
import type { RunEvent } from '@studioops/contracts/runs'
import type { Audit } from '../../platform/audit/audit.ts'
import type { Database, Db } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { OutboxService } from '../outbox/index.ts'
import type { ProjectAccess } from '../projects/index.ts'
import type { RunService } from '../runs/index.ts'
import type { ToolService } from '../tools/index.ts'
import { causeOf, draftOf } from './chats.approval.ts'
import { exportChat } from './chats.export.ts'
import { presentChat, presentSummary } from './chats.present.ts'
import * as store from './chats.store.ts'
import { endOf, pathTo } from './chats.tree.ts'

type Dependencies = {
  readonly database: Database
  readonly audit: Audit
  readonly runs: Pick<RunService, 'create' | 'begin' | 'ofChat' | 'replay' | 'stop'>
  readonly outbox: Pick<OutboxService, 'plan' | 'ofCause' | 'newMarker' | 'present'>
  readonly tools: Pick<ToolService, 'known'>
  readonly access: ProjectAccess
  readonly placeOf: (userId: string, server: string) => Promise<string | undefined>
  readonly wakeOutbox: () => void
}

/** Who asks, and in which language problems are told. */
type Asked = { readonly userId: string; readonly chatId: string; readonly language: Language }
type AskedCall = Asked & { readonly callId: string }

const goingOn: readonly string[] = ['running', 'waiting', 'interrupted']
const decided: readonly string[] = ['approved', 'done', 'failed']

export type ChatService = ReturnType<typeof createChatService>

/** Chats of people: what is said, in which branches, and what of it a person lets happen. */
export function createChatService(dependencies: Dependencies) {
  const { database, audit, runs, outbox, tools, access, placeOf, wakeOutbox } = dependencies

  async function requireOwn(db: Db, chatId: string) {
    const own = await store.lockChat(db, chatId)
    if (own !== undefined) return own
    const seen = await store.findChat(db, chatId)
    throw new AppError(seen === undefined ? 'chat.not-found' : 'chat.not-owner')
  }

  async function read(db: Db, chatId: string) {
    const chat = await store.findChat(db, chatId)
    if (chat === undefined) throw new AppError('chat.not-found')
    const messages = await store.listMessages(db, chatId)
    const calls = await store.listCalls(db, chatId)
    return { chat, messages, calls, runs: await runs.ofChat(db, chatId) }
  }
  type Read = Awaited<ReturnType<typeof read>>

  /** A run that ended without its writer, such as after a crash, has left its text in its log. */
  async function settle(userId: string, { chat, messages, runs: known }: Read): Promise<boolean> {
    if (!chat.is_own) return false
    const left = messages.filter(({ id, state }) => {
      const run = known.get(id)
      return state === 'writing' && (run === undefined || !goingOn.includes(run.state))
    })
    for (const { id } of left) {
      const run = known.get(id)
      const events = run === undefined ? [] : await runs.replay(userId, run.id)
      await database.asUser(userId, (db) => store.endMessage(db, id, endingOf(events)))
    }
    return left.length > 0
  }

  async function operationsOf(db: Db, calls: readonly store.CallRow[], language: Language) {
    const operations = new Map<string, Operation>()
    for (const { id, effect, state } of calls) {
      if (effect !== 'write' || !decided.includes(state)) continue
      const operation = await outbox.ofCause(db, causeOf(id))
      if (operation !== undefined) operations.set(id, outbox.present(operation, language))
    }
    return operations
  }

  async function hashesOf(userId: string, calls: readonly store.CallRow[]) {
    const waiting = calls.filter(({ state }) => state === 'waiting')
    const hashes = new Map<string, string>()
    for (const call of waiting) {
      const draft = await draftFor(userId, call)
      if (draft !== undefined) hashes.set(call.id, draft.payloadHash)
    }
    return hashes
  }

  /** Undefined where the place that it is meant for is not connected any more. */
  async function draftFor(userId: string, call: store.CallRow) {
    const place = await placeOf(userId, call.server).catch((error: unknown) => {
      if (error instanceof AppError) return undefined
      throw error
    })
    if (place === undefined) return undefined
    const { id: callId, server, server_name: serverName, tool, arguments: args } = call
    return draftOf({ callId, server, serverName, tool, place, arguments: args })
  }

  async function show({ userId, chatId, language }: Asked): Promise<api.Chat> {
    let whole = await database.asUser(userId, (db) => read(db, chatId))
    if (await settle(userId, whole)) whole = await database.asUser(userId, (db) => read(db, chatId))
    const { chat, calls } = whole
    const names = await ownersOf(userId, [chat])
    const operations = await database.asUser(userId, (db) => operationsOf(db, calls, language))
    const hashes = chat.is_own ? await hashesOf(userId, calls) : new Map<string, string>()
    const ownerName = chat.is_own ? undefined : names.get(chat.user_id)
    return presentChat({ ...whole, operations, hashes, ownerName, language })
  }

  async function ownersOf(userId: string, chats: readonly store.ChatRow[]) {
    const foreign = chats.filter(({ is_own: isOwn }) => !isOwn)
    const projects = new Set(foreign.flatMap(({ project_id: id }) => (id === null ? [] : [id])))
    const names = new Map<string, string>()
    for (const projectId of projects) {
      const people = await database.asUser(userId, (db) => store.peopleOf(db, projectId))
      for (const { user_id: id, display_name: name } of people) names.set(id, name)
    }
    return names
  }

  function requireMessage(messages: readonly store.MessageRow[], id: string): store.MessageRow {
    const found = messages.find((message) => message.id === id)
    if (found === undefined) throw new AppError('chat.no-such-message')
    return found
  }

  /** Puts an answer to a question there and begins to write it. */
  async function begin(asked: Asked, questionOf: (db: Db, chat: OwnChat) => Promise<string>) {
    const { userId, chatId, language } = asked
    const messageId = randomUUID()
    const created = await database.asUser(userId, async (db) => {
      const chat = await requireOwn(db, chatId)
      if (chat.project_id !== null) await access.require(db, chat.project_id, 'viewer')
      const parentId = await questionOf(db, chat)
      const answer = { id: messageId, chatId, userId, parentId, text: '' }
      await store.insertMessage(db, { ...answer, role: 'assistant', state: 'writing' })
      await store.updateChat(db, chatId, { headId: messageId, isTouched: true })
      const subject = { kind: 'chat' as const, chatId, messageId }
      return runs.create(db, { userId, subject, input: { language } })
    })
    runs.begin(created)
    return { chat: await show(asked), run: created.run }
  }

  async function requireWaiting(db: Db, { chatId, callId }: AskedCall): Promise<store.CallRow> {
    await requireOwn(db, chatId)
    const call = (await store.listCalls(db, chatId)).find(({ id }) => id === callId)
    if (call === undefined) throw new AppError('chat.call-not-waiting')
    const message = requireMessage(await store.listMessages(db, chatId), call.message_id)
    // While it is written it may be taken back; what no model has asked for causes nothing (D-9).
    const isFinal = message.state === 'complete' || message.state === 'partial'
    if (call.state !== 'waiting' || !isFinal) throw new AppError('chat.call-not-waiting')
    return call
  }

  return {
    show,

    async list(userId: string, filter: Omit<store.ChatFilter, 'words'> & { search: string }) {
      const words = filter.search.split(/\s+/).filter((word) => word !== '')
      const rows = await database.asUser(userId, async (db) => {
        if (filter.projectId !== undefined) await access.require(db, filter.projectId, 'viewer')
        return store.listChats(db, { ...filter, words: words.slice(0, 20) })
      })
      const names = await ownersOf(userId, rows)
      return rows.map((row) => presentSummary(row, row.is_own ? undefined : names.get(row.user_id)))
    },

    /** @throws AppError `project.not-found` */
    async create({ userId, language }: Omit<Asked, 'chatId'>, projectId: string | undefined) {
      const id = randomUUID()
      await database.asUser(userId, async (db) => {
        if (projectId !== undefined) await access.require(db, projectId, 'viewer')
        await store.insertChat(db, { id, userId, projectId })
      })
      return show({ userId, chatId: id, language })
    },

    /** @throws AppError `chat.*` */
    async update(asked: Asked, change: Update): Promise<api.Chat> {
      const { userId, chatId } = asked
      await database.asUser(userId, async (db) => {
        const chat = await requireOwn(db, chatId)
        if (change.isShared === true && chat.project_id === null)
          throw new AppError('chat.no-project')
        const { headId, title, ...rest } = change
        const messages = headId === undefined ? [] : await store.listMessages(db, chatId)
        const head = headId === undefined ? undefined : requireMessage(messages, headId)
        await store.updateChat(db, chatId, {
          ...rest,
          ...(title === undefined
            ? {}
            : { title: shortenText(title, limits.chatTitleGraphemes), isTitledByHand: true }),
          ...(head === undefined ? {} : { headId: endOf(messages, head.id) }),
        })
        if (change.isShared !== undefined && change.isShared !== (chat.shared_at !== null))
          await audit.record(
            {
              actorId: userId,
              action: change.isShared ? 'chat.share' : 'chat.unshare',
              target: `chat:${chatId}`,
              outcome: 'done',
            },
            db,
          )
      })
      return show(asked)
    },

    /** What is being written is stopped. @throws AppError `chat.not-found`, `chat.not-owner` */
    async remove({ userId, chatId }: Asked): Promise<void> {
      const open = await database.asUser(userId, async (db) => {
        await requireOwn(db, chatId)
        await store.setDeleted(db, chatId, true)
        return [...(await runs.ofChat(db, chatId)).values()]
      })
      for (const run of open) if (goingOn.includes(run.state)) await runs.stop(userId, run.id)
    },

    /** @throws AppError `chat.not-found` */
    async restore(asked: Asked): Promise<api.Chat> {
      const { userId, chatId } = asked
      await database.asUser(userId, (db) => store.setDeleted(db, chatId, false))
      return show(asked)
    },

    /** Asks, after an answer or at the beginning. @throws AppError `chat.*` */
    ask: (asked: Asked, { text, parentId }: { text: string; parentId?: string | undefined }) =>
      begin(asked, async (db, chat) => {
        const { userId, chatId } = asked
        const messages = await store.listMessages(db, chatId)
        if (parentId !== undefined && requireMessage(messages, parentId).role !== 'assistant')
          throw new AppError('chat.no-such-message')
        const id = randomUUID()
        const question = { id, chatId, userId, parentId, text, state: 'complete' } as const
        await store.insertMessage(db, { ...question, role: 'user' })
        await store.updateChat(db, chatId, {
          draft: '',
          ...(chat.title === '' ? { title: titleOf(text) } : {}),
        })
        return id
      }),

    /** @throws AppError `chat.*` */
    regenerate: (asked: Asked, messageId: string) =>
      begin(asked, async (db) => {
        const messages = await store.listMessages(db, asked.chatId)
        const { role, parent_id: parentId } = requireMessage(messages, messageId)
        if (role !== 'assistant' || parentId === null) throw new AppError('chat.no-such-message')
        return parentId
      }),

    /** @throws AppError `chat.not-found` */
    async export(asked: Asked, format: 'markdown' | 'json') {
      const chat = await show(asked)
      const rows = chat.messages.map((message) => ({
        ...message,
        parent_id: message.parentId ?? null,
      }))
      const path = pathTo(rows, chat.headId ?? null)
      return exportChat(chat, path, { format, language: asked.language })
    },

    /** Puts exactly what was shown into the outbox, once (D-25). @throws AppError `chat.*`, `tools.*` */
    async approve(asked: AskedCall, payloadHash: string): Promise<api.Chat> {
      const { userId, chatId, callId } = asked
      const call = await database.asUser(userId, (db) => requireWaiting(db, asked))
      await requireTool(userId, call)
      const draft = await draftFor(userId, call)
      if (draft?.payloadHash !== payloadHash) throw new AppError('chat.payload-changed')
      await database.asUser(userId, async (db) => {
        const now = await requireWaiting(db, asked)
        if (JSON.stringify(now.arguments) !== JSON.stringify(call.arguments))
          throw new AppError('chat.payload-changed')
        await store.changeCall(db, callId, { from: 'waiting', state: 'approved' })
        await outbox.plan(db, {
          ...draft,
          id: randomUUID(),
          userId,
          cause: causeOf(callId),
          title: call.title,
          marker: outbox.newMarker(),
        })
        const facts = { payload_hash: payloadHash, tool: call.tool, server: call.server }
        const entry = { actorId: userId, action: 'chat.approve', outcome: 'done' } as const
        await audit.record({ ...entry, target: `chat:${chatId}`, facts }, db)
      })
      wakeOutbox()
      return show(asked)
    },

    /** @throws AppError `chat.*` */
    async edit(asked: AskedCall, args: Readonly<Record<string, unknown>>): Promise<api.Chat> {
      await database.asUser(asked.userId, async (db) => {
        await requireWaiting(db, asked)
        await store.changeCall(db, asked.callId, { from: 'waiting', arguments: args })
      })
      return show(asked)
    },

    /** @throws AppError `chat.*` */
    async reject(asked: AskedCall, reason: string): Promise<api.Chat> {
      await database.asUser(asked.userId, async (db) => {
        await requireWaiting(db, asked)
        await store.changeCall(db, asked.callId, { from: 'waiting', state: 'rejected', reason })
      })
      return show(asked)
    },
  }

  /** A tool that has changed since it was proposed is none that was approved. */
  async function requireTool(userId: string, { server, tool }: store.CallRow): Promise<void> {
    const found = (await tools.known(userId)).find(({ id }) => id === server)
    if (found === undefined) throw new AppError('tools.no-such-server')
    const known = found.tools.find(({ definition }) => definition.name === tool)
    if (known?.state !== 'on') throw new AppError('tools.not-accepted', { facts: { tool } })
  }
}

type OwnChat = NonNullable<Awaited<ReturnType<typeof store.lockChat>>>

type Update = Omit<store.ChatChange, 'isTitledByHand' | 'isTouched'>

const titleGraphemes = 60

/** The first line of the first question that has letters in it. */
function titleOf(question: string): string {
  const lines = question
    .split('\n')
    .map((line) => line.replace(/^[#>*\s-]+|[*_`]{2,}|`/g, '').trim())
  const line = lines.find((one) => /[\p{L}\p{N}]/u.test(one)) ?? question
  return shortenText(line, titleGraphemes)
}

type Discarded = api.ChatMessage['discarded'][number]

/** What a run had said when it ended. */
export function endingOf(events: readonly RunEvent[]): store.Ending {
  const model = events.findLast((event) => event.type === 'provider')?.model
  const last = events.findLastIndex(({ type }) => voiding.has(type))
  const said = wordsOf(events.slice(0, last + 1))
  const discarded: Discarded[] = said === '' ? [] : [{ text: said, reason: 'replaced' }]
  const done = events.findLast((event) => event.type === 'done')
  return { state: done?.state ?? 'failed', text: wordsOf(events.slice(last + 1)), model, discarded }
}

/** What makes everything before it void. */
const voiding: ReadonlySet<string> = new Set(['provider', 'reset'])

function wordsOf(events: readonly RunEvent[]): string {
  return events.map((event) => (event.type === 'assistant_token' ? event.text : '')).join('')
}

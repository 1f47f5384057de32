import { sql } from 'kysely'
import { type Db, transactionUser } from '../../platform/db/database.ts'
import { toJsonb } from '../../platform/db/jsonb.ts'

const deletedKeptMs = 30 * 24 * 3_600_000

export type NewChat = {
  readonly id: string
  readonly userId: string
  readonly projectId?: string | undefined
}

export async function insertChat(db: Db, { id, userId, projectId }: NewChat): Promise<void> {
  await db
    .insertInto('chats')
    .values({ id, user_id: userId, project_id: projectId ?? null })
    .execute()
}

/** The person's own, and those that others share in a project of theirs; which is a matter of the row policy. */
export async function findChat(db: Db, id: string) {
  return db
    .selectFrom('chats')
    .selectAll()
    .select(sql<boolean>`user_id = ${transactionUser}`.as('is_own'))
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .where(ownOrShared)
    .executeTakeFirst()
}
export type ChatRow = NonNullable<Awaited<ReturnType<typeof findChat>>>

const ownOrShared = sql<boolean>`(chats.user_id = ${transactionUser} or chats.shared_at is not null)`

/** Held until the end of the transaction; undefined unless it is the person's own. */
export async function lockChat(db: Db, id: string) {
  return db
    .selectFrom('chats')
    .selectAll()
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
}

export type ChatFilter = {
  readonly projectId: string | undefined
  readonly isArchived: boolean
  readonly words: readonly string[]
  readonly limit: number
}

export async function listChats(db: Db, filter: ChatFilter) {
  const { projectId, isArchived, words, limit } = filter
  const patterns = words.map((word) => `%${word.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`)
  return db
    .selectFrom('chats')
    .selectAll()
    .select(sql<boolean>`user_id = ${transactionUser}`.as('is_own'))
    .where(ownOrShared)
    .where('deleted_at', 'is', null)
    .where('archived_at', isArchived ? 'is not' : 'is', null)
    .$if(projectId === undefined, (query) => query.where('user_id', '=', transactionUser))
    .$if(projectId !== undefined, (query) => query.where('project_id', '=', projectId ?? null))
    .$if(patterns.length > 0, (query) =>
      query.where(
        sql<boolean>`(chats.title || ' ' || coalesce((select string_agg(text, ' ')
          from chat_messages where chat_messages.chat_id = chats.id), ''))
          ilike all (${patterns}::text[])`,
      ),
    )
    .orderBy('is_pinned', 'desc')
    .orderBy('updated_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Whoever takes part in a project that the person takes part in. */
export async function peopleOf(db: Db, projectId: string) {
  const { rows } = await sql<{ user_id: string; display_name: string }>`
    select user_id, display_name from project_people(${projectId})`.execute(db)
  return rows
}

export type ChatChange = {
  readonly title?: string | undefined
  readonly isTitledByHand?: boolean | undefined
  readonly isPinned?: boolean | undefined
  readonly isArchived?: boolean | undefined
  readonly isShared?: boolean | undefined
  readonly usesTools?: boolean | undefined
  readonly draft?: string | undefined
  readonly headId?: string | undefined
  /** Something was said: it comes to the front. */
  readonly isTouched?: boolean | undefined
}

/** Null stays: it empties a column. */
function withoutUndefined<T extends object>(values: T): Partial<T> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Partial<T>
}

const timeIf = (isSet: boolean) => (isSet ? sql<Date>`now()` : null)

export async function updateChat(db: Db, id: string, change: ChatChange): Promise<void> {
  const { isArchived, isShared } = change
  const set = withoutUndefined({
    title: change.title,
    is_titled_by_hand: change.isTitledByHand,
    is_pinned: change.isPinned,
    archived_at: isArchived === undefined ? undefined : timeIf(isArchived),
    shared_at: isShared === undefined ? undefined : timeIf(isShared),
    uses_tools: change.usesTools,
    draft: change.draft,
    head_id: change.headId,
    updated_at: change.isTouched === true ? sql<Date>`now()` : undefined,
  })
  if (Object.keys(set).length === 0) return
  await db
    .updateTable('chats')
    .set(set)
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .execute()
}

/** @returns false when it is not the person's, or was so already */
export async function setDeleted(db: Db, id: string, isDeleted: boolean): Promise<boolean> {
  const updated = await db
    .updateTable('chats')
    .set({ deleted_at: timeIf(isDeleted) })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .where('deleted_at', isDeleted ? 'is' : 'is not', null)
    .executeTakeFirst()
  return updated.numUpdatedRows > 0n
}

/** Those that nobody took back in time. @returns how many went */
export async function deleteOldChats(db: Db, now: Date): Promise<number> {
  const deleted = await db
    .deleteFrom('chats')
    .where('deleted_at', '<', new Date(now.getTime() - deletedKeptMs))
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

export type NewMessage = {
  readonly id: string
  readonly chatId: string
  readonly userId: string
  readonly parentId: string | undefined
  readonly role: 'user' | 'assistant'
  readonly text: string
  readonly state: 'writing' | 'complete'
}

export async function insertMessage(db: Db, message: NewMessage): Promise<void> {
  const { id, chatId, userId, parentId, role, text, state } = message
  await db
    .insertInto('chat_messages')
    .values({
      id,
      chat_id: chatId,
      user_id: userId,
      parent_id: parentId ?? null,
      role,
      text,
      state,
      // Two of one transaction would have the same time; the tree shows them in their order.
      created_at: sql`clock_timestamp()`,
    })
    .execute()
}

/** In the order in which they were made; of a chat that was found for this person before. */
export async function listMessages(db: Db, chatId: string) {
  return db
    .selectFrom('chat_messages')
    .selectAll()
    .where('chat_id', '=', chatId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}
export type MessageRow = Awaited<ReturnType<typeof listMessages>>[number]

/** What an answer came to. */
export type Ending = {
  readonly state: 'complete' | 'offline' | 'stopped' | 'partial' | 'failed'
  readonly text: string
  readonly model?: string | undefined
  readonly isTainted?: boolean
  readonly sources?: unknown
  readonly context?: unknown
  readonly discarded?: unknown
  readonly usage?: unknown
  readonly problem?: unknown
}

/** NUL is the one character that a text column does not take. */
const keepable = (text: string) => text.replaceAll('\0', '\uFFFD')

/** Once: what has ended stays as it ended. */
export async function endMessage(db: Db, id: string, ending: Ending): Promise<void> {
  const { sources = [], context, discarded = [], usage, problem, isTainted = false } = ending
  const orNull = (value: unknown) => (value === undefined ? null : toJsonb(value))
  await db
    .updateTable('chat_messages')
    .set({
      state: ending.state,
      text: keepable(ending.text),
      model: ending.model ?? null,
      is_tainted: isTainted,
      sources: toJsonb(sources),
      context: orNull(context),
      discarded: toJsonb(discarded),
      usage: orNull(usage),
      problem: orNull(problem),
      ended_at: sql`now()`,
    })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .where('state', '=', 'writing')
    .execute()
}

export type NewCall = {
  readonly id: string
  readonly messageId: string
  readonly userId: string
  readonly position: number
  readonly server: string
  readonly serverName: string
  readonly tool: string
  readonly title: string
  readonly effect: 'read' | 'write'
  readonly arguments: unknown
  readonly state: 'running' | 'blocked' | 'waiting'
}

export async function insertCall(db: Db, call: NewCall): Promise<void> {
  await db
    .insertInto('chat_calls')
    .values({
      id: call.id,
      message_id: call.messageId,
      user_id: call.userId,
      position: call.position,
      server: call.server,
      server_name: call.serverName,
      tool: call.tool,
      title: call.title,
      effect: call.effect,
      arguments: toJsonb(call.arguments),
      state: call.state,
    })
    .execute()
}

export type CallChange = {
  readonly from: string
  readonly state?: 'done' | 'failed' | 'approved' | 'rejected'
  readonly arguments?: unknown
  readonly result?: string | undefined
  readonly errorCode?: string | undefined
  readonly reason?: string
}

/** @returns false when it was not in that state any more */
export async function changeCall(db: Db, id: string, change: CallChange): Promise<boolean> {
  const { state, result, errorCode, reason } = change
  const isOver = state === 'done' || state === 'failed' || state === 'rejected'
  const updated = await db
    .updateTable('chat_calls')
    .set({
      ...(state === undefined ? {} : { state }),
      ...(change.arguments === undefined ? {} : { arguments: toJsonb(change.arguments) }),
      ...(result === undefined ? {} : { result: keepable(result) }),
      ...(errorCode === undefined ? {} : { error_code: errorCode }),
      ...(reason === undefined ? {} : { reason }),
      ...(isOver ? { ended_at: sql<Date>`now()` } : {}),
    })
    .where('id', '=', id)
    .where('user_id', '=', transactionUser)
    .where('state', '=', change.from)
    .executeTakeFirst()
  return updated.numUpdatedRows > 0n
}

/** Of all messages of a chat that was found for this person before. */
export async function listCalls(db: Db, chatId: string) {
  return db
    .selectFrom('chat_calls')
    .innerJoin('chat_messages', 'chat_messages.id', 'chat_calls.message_id')
    .selectAll('chat_calls')
    .select('chat_messages.is_tainted')
    .where('chat_messages.chat_id', '=', chatId)
    .orderBy('position')
    .execute()
}
export type CallRow = Awaited<ReturnType<typeof listCalls>>[number]

/** What an attempt that is begun anew had called; what a person has decided already stays. */
export async function forgetCalls(db: Db, messageId: string): Promise<void> {
  await db
    .deleteFrom('chat_calls')
    .where('message_id', '=', messageId)
    .where('user_id', '=', transactionUser)
    .where('state', 'not in', ['approved', 'rejected'])
    .execute()
}

import type { Language } from '@studioops/contracts/installation'
import { z } from 'zod'
import type { ChatMessage } from '../../integrations/llm/chat-request.ts'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors/app-error.ts'
import type { Clarification, RunContext } from '../runs/index.ts'
import * as store from './chats.store.ts'
import { pathTo } from './chats.tree.ts'

/** What a run was asked for; kept with it, so that a later process can go on. */
export const chatRunInput = z.object({ language: z.enum(['en', 'he']) })

/** What was said before: in full for the answer, and without words of others for the plan. */
export type Turn = { readonly message: ChatMessage; readonly isTainted: boolean }

/** All that an answer begins with. */
export type Scene = {
  readonly messageId: string
  readonly chatId: string
  readonly projectId: string | undefined
  readonly usesTools: boolean
  readonly question: string
  readonly clarifications: readonly Clarification[]
  readonly language: Language
  /** Oldest first. */
  readonly turns: readonly Turn[]
}

/** Reads the path that leads to the question, and forgets what an attempt before had called. */
export async function readScene(database: Database, run: RunContext): Promise<Scene> {
  const { subject, userId, clarifications } = run
  if (subject.kind !== 'chat') throw new Error('a run of something else came to the chats')
  const { chatId, messageId } = subject
  const { language } = chatRunInput.parse(run.input)
  return database.asUser(userId, async (db) => {
    const chat = await store.findChat(db, chatId)
    if (chat === undefined) throw new AppError('chat.not-found')
    await store.forgetCalls(db, messageId)
    const path = pathTo(await store.listMessages(db, chatId), messageId).slice(0, -1)
    const calls = Map.groupBy(await store.listCalls(db, chatId), (call) => call.message_id)
    return {
      messageId,
      chatId,
      projectId: chat.project_id ?? undefined,
      usesTools: chat.uses_tools,
      question: path.at(-1)?.text ?? '',
      clarifications,
      language,
      turns: path.slice(0, -1).map((row) => toTurn(row, calls.get(row.id) ?? [])),
    }
  })
}

function toTurn(row: store.MessageRow, calls: readonly store.CallRow[]): Turn {
  if (row.role === 'user') return { message: { role: 'user', content: row.text }, isTainted: false }
  const decided = calls.flatMap((call) => {
    const words = decisionWords[call.state]
    if (words === undefined) return []
    const reason = call.reason === null || call.reason === '' ? '' : `: ${call.reason}`
    return [`[${call.tool} ${words}${reason}]`]
  })
  const content = [row.text, ...decided].filter((text) => text !== '').join('\n')
  return { message: { role: 'assistant', content }, isTainted: row.is_tainted }
}

const decisionWords: Readonly<Record<string, string>> = {
  waiting: 'was proposed and waits for approval',
  approved: 'was approved by the person',
  done: 'was carried out',
  rejected: 'was refused by the person',
  failed: 'failed',
}

import type * as api from '@studioops/contracts/chats'
import type { Facts } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import type { Operation } from '@studioops/contracts/operations'
import type { Run } from '@studioops/contracts/runs'
import { describeProblem, knownCode } from '../../platform/errors/problem.ts'
import { currentContext } from '../../platform/log/log.ts'
import { withoutAbsent } from '../../platform/values/without-absent.ts'
import type { CallRow, ChatRow, MessageRow } from './chats.store.ts'

export type Shown = {
  readonly chat: ChatRow
  readonly messages: readonly MessageRow[]
  readonly calls: readonly CallRow[]
  /** By the id of the message. */
  readonly runs: ReadonlyMap<string, Run>
  /** By the id of the call. */
  readonly operations: ReadonlyMap<string, Operation>
  /** By the id of the call; of writes that wait. */
  readonly hashes: ReadonlyMap<string, string>
  readonly ownerName: string | undefined
  readonly language: Language
}

export function presentSummary(chat: ChatRow, ownerName?: string): api.ChatSummary {
  return {
    id: chat.id,
    title: chat.title,
    isPinned: chat.is_pinned,
    isArchived: chat.archived_at !== null,
    isShared: chat.shared_at !== null,
    isOwn: chat.is_own,
    updatedAt: chat.updated_at.toISOString(),
    ...withoutAbsent({ projectId: chat.project_id, ownerName }),
  }
}

export function presentChat(shown: Shown): api.Chat {
  const { chat, messages, calls, ownerName } = shown
  const byMessage = Map.groupBy(calls, (call) => call.message_id)
  return {
    ...presentSummary(chat, ownerName),
    usesTools: chat.uses_tools,
    // What the owner has typed and not sent is nobody else's.
    draft: chat.is_own ? chat.draft : '',
    messages: messages.map((row) => presentMessage(row, byMessage.get(row.id) ?? [], shown)),
    ...withoutAbsent({ headId: chat.head_id }),
  }
}

function presentMessage(row: MessageRow, calls: readonly CallRow[], shown: Shown): api.ChatMessage {
  // Only we write these columns; the reply's schema checks them on their way out.
  const { sources, context, discarded, usage } = row as unknown as Pick<
    api.ChatMessage,
    'sources' | 'discarded'
  > & {
    readonly context: api.ChatContext | null
    readonly usage: NonNullable<api.ChatMessage['usage']> | null
  }
  const run = shown.runs.get(row.id)
  return {
    id: row.id,
    // The columns' check constraints list exactly these.
    role: row.role as api.ChatMessage['role'],
    state: row.state as api.ChatMessage['state'],
    text: row.text,
    fallback: row.state === 'offline',
    sources,
    discarded,
    calls: calls.map((call) => presentCall(call, shown)),
    createdAt: row.created_at.toISOString(),
    ...withoutAbsent({
      parentId: row.parent_id,
      model: row.model,
      context,
      usage,
      problem: problemOf(row.problem, shown.language),
      run: row.state === 'writing' ? run : undefined,
    }),
  }
}

function problemOf(stored: unknown, language: Language) {
  if (stored === null || stored === undefined) return undefined
  const { code, facts } = stored as { readonly code: string; readonly facts: Facts }
  const correlationId = currentContext()?.correlationId ?? ''
  return describeProblem(knownCode(code), facts, { correlationId, language })
}

function presentCall(call: CallRow, shown: Shown): api.ChatCall {
  const { ended_at: endedAt, error_code: code } = call
  return {
    id: call.id,
    server: call.server,
    serverName: call.server_name,
    tool: call.tool,
    title: call.title,
    effect: call.effect as api.ChatCall['effect'],
    arguments: call.arguments as unknown as api.ChatCall['arguments'],
    state: call.state as api.ChatCall['state'],
    isTainted: call.is_tainted,
    ...withoutAbsent({
      result: call.result,
      problem: problemOf(code === null ? undefined : { code, facts: {} }, shown.language),
      reason: call.reason,
      ms: endedAt === null ? undefined : Math.max(0, endedAt.getTime() - call.started_at.getTime()),
      payloadHash: shown.hashes.get(call.id),
      operation: shown.operations.get(call.id),
    }),
  }
}

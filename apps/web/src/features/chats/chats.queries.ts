import {
  approveCall,
  askChat,
  type Chat,
  createChat,
  deleteChat,
  editCall,
  exportChat,
  getChat,
  listChats,
  regenerateMessage,
  rejectCall,
  restoreChat,
  updateChat,
} from '@studioops/contracts/chats'
import type { CallOf } from '@studioops/contracts/endpoint'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const listKey = ['chats'] as const
export const chatKey = (chatId: string) => ['chat', chatId] as const

export type ChatFilter = {
  readonly projectId?: string | undefined
  readonly archived: boolean
  readonly search: string
}

export function useChats({ projectId, archived, search }: ChatFilter) {
  const api = useApi()
  return useQuery({
    queryKey: [...listKey, { projectId, archived, search }],
    queryFn: ({ signal }) =>
      api.call(
        listChats,
        {
          query: {
            archived: String(archived),
            ...(search === '' ? {} : { search }),
            ...(projectId === undefined ? {} : { projectId }),
          },
        },
        { signal },
      ),
    select: (reply) => reply.chats,
    placeholderData: (before) => before,
    staleTime: 0,
  })
}

const movingMs = 1_500
const runNetMs = 5_000
const moving = new Set(['planned', 'attempting', 'unknown'])

/** How long until it is asked for again, in milliseconds; false once nothing can change by itself. */
function refetchIntervalOf(chat: Chat | undefined): number | false {
  const messages = chat?.messages ?? []
  const isMoving = messages.some(({ calls }) =>
    calls.some(({ operation }) => operation !== undefined && moving.has(operation.state)),
  )
  if (isMoving) return movingMs
  // The stream tells everything earlier; this is the net below it.
  return messages.some(({ state }) => state === 'writing') ? runNetMs : false
}

export function useChat(chatId: string) {
  const api = useApi()
  return useQuery({
    queryKey: chatKey(chatId),
    queryFn: ({ signal }) => api.call(getChat, { params: { chatId } }, { signal }),
    select: (reply) => reply.chat,
    refetchInterval: (query) => refetchIntervalOf(query.state.data?.chat),
    staleTime: 0,
  })
}

function keep(queries: QueryClient, chat: Chat) {
  queries.setQueryData(chatKey(chat.id), { chat })
  void queries.invalidateQueries({ queryKey: listKey })
}

export function useChatRefresh(chatId: string) {
  const queries = useQueryClient()
  return () => {
    void queries.invalidateQueries({ queryKey: chatKey(chatId) })
    void queries.invalidateQueries({ queryKey: listKey })
  }
}

export function useCreateChat() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['create-chat'],
    mutationFn: ({ projectId }: { projectId?: string | undefined }) =>
      api.call(
        createChat,
        { body: projectId === undefined ? {} : { projectId } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: ({ chat }) => keep(queries, chat),
  })
}

export type ChatChange = CallOf<typeof updateChat>['body']

export function useUpdateChat(chatId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['update-chat', chatId],
    mutationFn: (body: ChatChange) =>
      api.call(updateChat, { params: { chatId }, body }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: ({ chat }) => keep(queries, chat),
  })
}

/** Keeps what is typed. A function, because the autosave decides when. */
export function useSaveDraft(chatId: string) {
  const api = useApi()
  return useCallback(
    (body: { draft?: string }) =>
      api.call(updateChat, { params: { chatId }, body }, { idempotencyKey: newIdempotencyKey() }),
    [api, chatId],
  )
}

export function useDeleteChat() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['delete-chat'],
    mutationFn: (chatId: string) =>
      api.call(deleteChat, { params: { chatId } }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (_, chatId) => {
      queries.removeQueries({ queryKey: chatKey(chatId) })
      void queries.invalidateQueries({ queryKey: listKey })
    },
  })
}

export function useRestoreChat() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['restore-chat'],
    mutationFn: (chatId: string) =>
      api.call(restoreChat, { params: { chatId } }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: ({ chat }) => keep(queries, chat),
  })
}

export type Question = CallOf<typeof askChat>['body']

export function useAsk(chatId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['ask-chat', chatId],
    mutationFn: (body: Question) =>
      api.call(askChat, { params: { chatId }, body }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: ({ chat }) => keep(queries, chat),
  })
}

export function useRegenerate(chatId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['regenerate-message', chatId],
    mutationFn: (messageId: string) =>
      api.call(
        regenerateMessage,
        { params: { chatId, messageId }, body: {} },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: ({ chat }) => keep(queries, chat),
  })
}

export function useExportChat(chatId: string) {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['export-chat', chatId],
    mutationFn: (format: 'markdown' | 'json') =>
      api.call(exportChat, { params: { chatId }, query: { format } }, {}),
  })
}

export type Decision =
  | { readonly kind: 'approve'; readonly callId: string; readonly payloadHash: string }
  | { readonly kind: 'reject'; readonly callId: string; readonly reason: string }
  | { readonly kind: 'edit'; readonly callId: string; readonly args: Record<string, unknown> }

/** What a person lets happen, or not. */
export function useDecide(chatId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['decide-call', chatId],
    mutationFn: (decision: Decision) => {
      const params = { chatId, callId: decision.callId }
      const options = { idempotencyKey: newIdempotencyKey() }
      if (decision.kind === 'approve') {
        const { payloadHash } = decision
        return api.call(approveCall, { params, body: { payloadHash } }, options)
      }
      if (decision.kind === 'reject')
        return api.call(rejectCall, { params, body: { reason: decision.reason } }, options)
      return api.call(editCall, { params, body: { arguments: decision.args } }, options)
    },
    onSuccess: ({ chat }) => keep(queries, chat),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: chatKey(chatId) })
      void queries.invalidateQueries({ queryKey: ['operations'] })
    },
  })
}

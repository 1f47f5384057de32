import {
  approveBoardChange,
  type BoardChange,
  type BoardDraft,
  listBoards,
  previewBoardChange,
  readBoard,
  readComments,
  refreshBoard,
} from '@studioops/contracts/boards'
import { cancelOperation } from '@studioops/contracts/operations'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const listKey = ['boards'] as const
const boardKey = (boardId: string) => ['board', boardId] as const

const quietMs = 30_000
const busyMs = 1_500
const restless = new Set(['planned', 'attempting', 'unknown'])

export function useBoards() {
  const api = useApi()
  return useQuery({
    queryKey: listKey,
    queryFn: ({ signal }) => api.call(listBoards, {}, { signal }),
    staleTime: 0,
  })
}

export function useBoard(boardId: string) {
  const api = useApi()
  return useQuery({
    queryKey: boardKey(boardId),
    queryFn: ({ signal }) => api.call(readBoard, { params: { boardId } }, { signal }),
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.pending.some(({ operation }) => restless.has(operation.state)) === true
        ? busyMs
        : quietMs,
  })
}

export function useRefreshBoard(boardId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation<unknown, undefined>({
    mutationKey: ['board-refresh', boardId],
    mutationFn: async () => {
      const view = await api.call(
        refreshBoard,
        { params: { boardId } },
        { idempotencyKey: newIdempotencyKey() },
      )
      queries.setQueryData(boardKey(boardId), view)
    },
  })
}

export function useComments(boardId: string, cardId: string) {
  const api = useApi()
  return useQuery({
    queryKey: [...boardKey(boardId), 'comments', cardId],
    queryFn: ({ signal }) => api.call(readComments, { params: { boardId, cardId } }, { signal }),
    staleTime: 0,
  })
}

export type Prepared = { readonly change: BoardChange; readonly draft: BoardDraft }

/** Asks what a change would send. */
export function usePrepare(boardId: string) {
  const api = useApi()
  return useSingleMutation<Prepared, BoardChange>({
    mutationKey: ['board-preview', boardId],
    mutationFn: async (change) => {
      const body = { id: newId(), change }
      const { draft } = await api.call(
        previewBoardChange,
        { params: { boardId }, body },
        { idempotencyKey: newIdempotencyKey() },
      )
      return { change, draft }
    },
  })
}

/** Sends what was shown, one after the other; `onSent` hears of each. */
export function useSendChanges(boardId: string, onSent: (id: string) => void) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation<undefined, readonly Prepared[]>({
    mutationKey: ['board-send', boardId],
    mutationFn: async (prepared) => {
      for (const { change, draft } of prepared) {
        const { id, payloadHash } = draft
        await api.call(
          approveBoardChange,
          { params: { boardId }, body: { id, change, payloadHash } },
          // The id is that of the change: however often it is sent, it is one.
          { idempotencyKey: id },
        )
        onSent(id)
      }
      return undefined
    },
    onSettled: async () => {
      void queries.invalidateQueries({ queryKey: dashboardKey })
      void queries.invalidateQueries({ queryKey: ['operations'] })
      await queries.invalidateQueries({ queryKey: boardKey(boardId) })
    },
  })
}

export function useUndo(boardId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation<unknown, string>({
    mutationKey: ['board-undo', boardId],
    mutationFn: (operationId) =>
      api.call(
        cancelOperation,
        { params: { operationId } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSettled: async () => {
      void queries.invalidateQueries({ queryKey: dashboardKey })
      await queries.invalidateQueries({ queryKey: boardKey(boardId) })
    },
  })
}

/** A UUID of version 4; works without HTTPS too. */
function newId(): string {
  const hex = newIdempotencyKey()
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}

import {
  type DeletionReceipt,
  listReceipts,
  listTrash,
  previewDeletion,
  purgeProject,
  type PurchasesChoice,
  restoreProject,
  trashProject,
} from '@studioops/contracts/deletions'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { projectKey } from '../../lib/project.queries.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const trashKey = ['project-trash'] as const
const receiptsKey = ['deletion-receipts'] as const

export function useDeletionPreview(projectId: string) {
  const api = useApi()
  return useQuery({
    queryKey: ['project-deletion', projectId],
    queryFn: ({ signal }) => api.call(previewDeletion, { params: { projectId } }, { signal }),
    select: (reply) => reply.preview,
    staleTime: 0,
    gcTime: 0,
  })
}

export function useTrash() {
  const api = useApi()
  return useQuery({
    queryKey: trashKey,
    queryFn: ({ signal }) => api.call(listTrash, {}, { signal }),
    select: (reply) => reply.projects,
    staleTime: 0,
  })
}

export function useReceipts() {
  const api = useApi()
  return useQuery({
    queryKey: receiptsKey,
    queryFn: ({ signal }) => api.call(listReceipts, {}, { signal }),
    select: (reply) => reply.receipts,
    staleTime: 0,
  })
}

function forget(queries: QueryClient, projectId: string) {
  for (const queryKey of [['projects'], trashKey, receiptsKey])
    void queries.invalidateQueries({ queryKey })
  queries.removeQueries({ queryKey: projectKey(projectId) })
}

export function useTrashProject(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['project-trash', projectId],
    mutationFn: (body: { readonly name: string; readonly purchases: PurchasesChoice }) =>
      api.call(
        trashProject,
        { params: { projectId }, body },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => forget(queries, projectId),
  })
}

export function useRestoreProject(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['project-restore', projectId],
    mutationFn: (_: undefined) =>
      api.call(restoreProject, { params: { projectId } }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => forget(queries, projectId),
  })
}

export function usePurgeProject(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['project-purge', projectId],
    mutationFn: (name: string): Promise<{ readonly receipt: DeletionReceipt }> =>
      api.call(
        purgeProject,
        { params: { projectId }, body: { name } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => forget(queries, projectId),
  })
}

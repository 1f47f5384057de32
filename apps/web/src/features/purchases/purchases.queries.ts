import { listDocuments } from '@studioops/contracts/documents'
import {
  addPurchase,
  changePurchase,
  exportPurchases,
  importPurchases,
  listPurchases,
  previewImport,
  type PurchaseInput,
  type PurchaseSort,
  type PurchaseStatus,
  removePurchase,
  sumPurchases,
} from '@studioops/contracts/purchases'
import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

export type PurchaseView = {
  readonly search?: string | undefined
  readonly status?: PurchaseStatus | undefined
  readonly category?: string | undefined
  readonly currency?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly receiptId?: string | undefined
  readonly sort?: PurchaseSort | undefined
  readonly direction?: 'up' | 'down' | undefined
  readonly page?: number | undefined
}

const key = (projectId: string) => ['purchases', projectId] as const

function refresh(queries: QueryClient, projectId: string) {
  void queries.invalidateQueries({ queryKey: ['project-activity', projectId] })
  return queries.invalidateQueries({ queryKey: key(projectId) })
}

export function usePurchases(projectId: string, view: PurchaseView) {
  const api = useApi()
  return useQuery({
    queryKey: [...key(projectId), view],
    queryFn: ({ signal }) =>
      api.call(listPurchases, { params: { projectId }, query: { ...view } }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
}

const choicesMax = 200

/** Documents of a project, to choose a receipt from. */
export function useReceiptChoices(projectId: string) {
  const api = useApi()
  const query = { limit: choicesMax }
  return useQuery({
    queryKey: ['project-documents', projectId, query],
    queryFn: ({ signal }) => api.call(listDocuments, { params: { projectId }, query }, { signal }),
    select: ({ documents }) => documents.map(({ id, name }) => ({ id, name })),
    staleTime: 0,
  })
}

/** Sums and budgets of a whole project. */
export function useSpend(projectId: string) {
  const api = useApi()
  return useQuery({
    queryKey: [...key(projectId), 'spend'],
    queryFn: ({ signal }) =>
      api.call(sumPurchases, { params: { projectId }, query: {} }, { signal }),
    staleTime: 0,
  })
}

type Adding = { readonly input: PurchaseInput; readonly idempotencyKey: string }

export function useAddPurchase(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['purchase-add', projectId],
    mutationFn: ({ input, idempotencyKey }: Adding) =>
      api.call(addPurchase, { params: { projectId }, body: input }, { idempotencyKey }),
    onSuccess: () => refresh(queries, projectId),
  })
}

/** Null: no receipt any more. */
export type PurchaseChange = Partial<Omit<PurchaseInput, 'receiptId'>> & {
  readonly receiptId?: string | null | undefined
}

export function useChangePurchase(projectId: string, purchaseId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['purchase-change', purchaseId],
    mutationFn: (body: PurchaseChange) =>
      api.call(
        changePurchase,
        { params: { projectId, purchaseId }, body },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => refresh(queries, projectId),
  })
}

export function useRemovePurchase(projectId: string, purchaseId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['purchase-remove', purchaseId],
    mutationFn: (isRemoved: boolean) =>
      api.call(
        removePurchase,
        { params: { projectId, purchaseId }, body: { isRemoved } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => refresh(queries, projectId),
  })
}

export type ImportFile = {
  readonly content: string
  readonly currency: string
  readonly vatRate: string
}

export function usePreview(projectId: string) {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['purchase-preview', projectId],
    mutationFn: (body: ImportFile) =>
      api.call(
        previewImport,
        { params: { projectId }, body },
        { idempotencyKey: newIdempotencyKey() },
      ),
  })
}

export function useImport(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['purchase-import', projectId],
    mutationFn: ({
      purchases,
      idempotencyKey,
    }: {
      purchases: PurchaseInput[]
      idempotencyKey: string
    }) =>
      api.call(importPurchases, { params: { projectId }, body: { purchases } }, { idempotencyKey }),
    onSuccess: () => refresh(queries, projectId),
  })
}

export function useExport(projectId: string) {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['purchase-export', projectId],
    mutationFn: ({ view, language }: { view: PurchaseView; language: 'en' | 'he' }) => {
      const { sort: _, direction: __, page: ___, ...filter } = view
      return api.call(exportPurchases, { params: { projectId }, query: { ...filter, language } })
    },
  })
}

import {
  cancelOperation,
  checkOperation,
  continueOperation,
  createAnyway,
  linkOperation,
  listOperations,
  type Operation,
} from '@studioops/contracts/operations'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'
import { isOpen } from './operation-states.ts'

const listKey = ['operations'] as const

const busyMs = 1_000
const quietMs = 15_000

export function useOperations() {
  const api = useApi()
  return useQuery({
    queryKey: listKey,
    queryFn: ({ signal }) => api.call(listOperations, { query: {} }, { signal }),
    select: (reply) => reply.operations,
    refetchInterval: (query) =>
      query.state.data?.operations.some(isOpen) === true ? busyMs : quietMs,
    staleTime: 0,
  })
}

/** What a person can do about a write. */
export type OperationDeed =
  | { readonly type: 'check' }
  | { readonly type: 'link'; readonly key: string }
  | { readonly type: 'create-anyway' }
  | { readonly type: 'cancel' }
  | { readonly type: 'continue' }

/** `onSettled` hears of success and of refusal: both mean that the write may have moved on. */
export function useOperationDeed(
  { id: operationId }: Pick<Operation, 'id'>,
  onSettled: () => void,
) {
  const api = useApi()
  const queries = useQueryClient()
  const params = { operationId }
  return useSingleMutation({
    mutationKey: ['operation-deed', operationId],
    mutationFn: (deed: OperationDeed) => {
      const options = { idempotencyKey: newIdempotencyKey() }
      switch (deed.type) {
        case 'check':
          return api.call(checkOperation, { params }, options)
        case 'link':
          return api.call(linkOperation, { params, body: { key: deed.key } }, options)
        case 'create-anyway':
          return api.call(createAnyway, { params }, options)
        case 'cancel':
          return api.call(cancelOperation, { params }, options)
        case 'continue':
          return api.call(continueOperation, { params }, options)
      }
    },
    onSettled: async () => {
      onSettled()
      void queries.invalidateQueries({ queryKey: dashboardKey })
      await queries.invalidateQueries({ queryKey: listKey })
    },
  })
}

export type Deed = ReturnType<typeof useOperationDeed>

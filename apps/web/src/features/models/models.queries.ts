import * as api from '@studioops/contracts/models'
import { listPeople } from '@studioops/contracts/people'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const viewKey = ['models'] as const
const usageKey = ['model-usage'] as const
const budgetsKey = ['model-budgets'] as const

const everyMs = 15_000

export function useModels() {
  const call = useApi()
  return useQuery({
    queryKey: viewKey,
    queryFn: ({ signal }) => call.call(api.getModels, {}, { signal }),
    refetchInterval: everyMs,
    staleTime: 0,
  })
}

export function useModelUsage(days: number, ofEverybody: boolean) {
  const call = useApi()
  const endpoint = ofEverybody ? api.getWorkspaceModelUsage : api.getModelUsage
  return useQuery({
    queryKey: [...usageKey, ofEverybody, days],
    queryFn: ({ signal }) => call.call(endpoint, { query: { days } }, { signal }),
    staleTime: 0,
  })
}

export function useModelBudgets() {
  const call = useApi()
  return useQuery({
    queryKey: budgetsKey,
    queryFn: ({ signal }) => call.call(api.getModelBudgets, {}, { signal }),
    staleTime: 0,
  })
}

/** Everybody who can have a budget of their own. */
export function usePeopleOfModels() {
  const call = useApi()
  return useQuery({
    queryKey: ['model-people'],
    queryFn: ({ signal }) => call.call(listPeople, {}, { signal }),
  })
}

/** Each deed answers with the whole view, so nothing is asked again. */
function useDeed<Input>(name: string, work: (input: Input) => Promise<api.ModelsView>) {
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['models', name],
    mutationFn: work,
    onSuccess: (view) => queries.setQueryData(viewKey, view),
  })
}

export function useChooseModel() {
  const call = useApi()
  return useDeed('choose', (providerId: string | undefined) =>
    call.call(
      api.chooseModel,
      { body: providerId === undefined ? {} : { providerId } },
      { idempotencyKey: newIdempotencyKey() },
    ),
  )
}

export type Place = { readonly id: string; readonly isEnabled: boolean }

export function useOrderModels() {
  const call = useApi()
  return useDeed('order', (order: readonly Place[]) =>
    call.call(
      api.orderModels,
      { body: { order: [...order] } },
      { idempotencyKey: newIdempotencyKey() },
    ),
  )
}

export type NewProvider = {
  readonly name: string
  readonly baseUrl: string
  readonly model: string
  readonly key?: string
}

export function useAddProvider() {
  const call = useApi()
  return useDeed('add', (body: NewProvider) =>
    call.call(api.addModelProvider, { body }, { idempotencyKey: newIdempotencyKey() }),
  )
}

export function useRemoveProvider() {
  const call = useApi()
  return useDeed('remove', (providerId: string) =>
    call.call(
      api.removeModelProvider,
      { params: { providerId } },
      { idempotencyKey: newIdempotencyKey() },
    ),
  )
}

export function useSetPrices() {
  const call = useApi()
  return useDeed('prices', (prices: readonly api.ModelPrice[]) =>
    call.call(
      api.setModelPrices,
      { body: { prices: [...prices] } },
      { idempotencyKey: newIdempotencyKey() },
    ),
  )
}

export function useSetBudgets() {
  const call = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['models', 'budgets'],
    mutationFn: (body: api.ModelBudgets) =>
      call.call(
        api.setModelBudgets,
        {
          body: {
            workspace: body.workspace,
            everyone: body.everyone,
            people: body.people.map(({ displayName: _, ...person }) => person),
          },
        },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: async (budgets) => {
      queries.setQueryData(budgetsKey, budgets)
      await queries.invalidateQueries({ queryKey: viewKey })
    },
  })
}

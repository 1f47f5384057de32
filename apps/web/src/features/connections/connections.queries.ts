import {
  listConnections,
  removeModel,
  replaceJiraToken,
  saveModel,
  testJira,
  testModel,
} from '@studioops/contracts/connections'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'

const connectionsKey = ['connections'] as const

export function useConnections() {
  const api = useApi()
  return useQuery({
    queryKey: connectionsKey,
    queryFn: ({ signal }) => api.call(listConnections, {}, { signal }),
  })
}

/** A test or a change moves the gates as well, so both are asked for again, success or not. */
function useFreshConnections() {
  const queries = useQueryClient()
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: connectionsKey }),
      queries.invalidateQueries({ queryKey: dashboardKey }),
    ])
}

export function useTestJira() {
  const api = useApi()
  const onSettled = useFreshConnections()
  return useMutation({
    mutationFn: (body: CallOf<typeof testJira>['body']) => api.call(testJira, { body }),
    onSettled,
  })
}

export function useReplaceJiraToken() {
  const api = useApi()
  const onSettled = useFreshConnections()
  return useMutation({
    mutationFn: (token: string) => api.call(replaceJiraToken, { body: { token } }),
    onSettled,
  })
}

export type ModelSettings = CallOf<typeof saveModel>['body']

export function useSaveModel() {
  const api = useApi()
  const onSettled = useFreshConnections()
  return useMutation({
    mutationFn: (body: ModelSettings) => api.call(saveModel, { body }),
    onSettled,
  })
}

export function useTestModel() {
  const api = useApi()
  const onSettled = useFreshConnections()
  return useMutation({
    mutationFn: (body: ModelSettings) => api.call(testModel, { body }),
    onSettled,
  })
}

export function useRemoveModel() {
  const api = useApi()
  const onSettled = useFreshConnections()
  return useMutation({ mutationFn: () => api.call(removeModel, {}), onSettled })
}

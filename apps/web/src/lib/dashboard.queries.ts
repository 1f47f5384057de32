import { getDashboard } from '@studioops/contracts/connections'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ApiClient } from './api-client.ts'
import { useApi } from './api-context.tsx'

/** Invalidate it when a connection was tested or changed, or the outbox has got or lost an entry. */
export const dashboardKey = ['dashboard'] as const

export const dashboardQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: dashboardKey,
    queryFn: ({ signal }) => api.call(getDashboard, {}, { signal }),
    refetchInterval: 60_000,
  })

/** Feature cards with their gates, and how many writes wait in the outbox. */
export function useDashboard() {
  return useQuery(dashboardQuery(useApi()))
}

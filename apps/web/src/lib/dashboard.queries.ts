import { getDashboard } from '@studioops/contracts/connections'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ApiClient } from './api-client.ts'
import { useApi } from './api-context.tsx'

/** Invalidate it when a connection was tested or changed, or the outbox has got or lost an entry. */
export const dashboardKey = ['dashboard'] as const

const quietMs = 60_000
/** While something is in the outbox: it leaves by itself, and the number beside its name must follow. */
const busyMs = 3_000

export const dashboardQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: dashboardKey,
    queryFn: ({ signal }) => api.call(getDashboard, {}, { signal }),
    refetchInterval: ({ state }) => ((state.data?.outboxOpen ?? 0) > 0 ? busyMs : quietMs),
  })

/** Feature cards with their gates, and how many writes wait in the outbox. */
export function useDashboard() {
  return useQuery(dashboardQuery(useApi()))
}

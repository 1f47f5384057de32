import { getStatus } from '@studioops/contracts/health'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ApiClient } from './api-client.ts'
import { useApi } from './api-context.tsx'

const askAgainMs = 10_000

/** How the product and what it depends on stand. */
const statusQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: ['status'],
    queryFn: ({ signal }) => api.call(getStatus, {}, { signal }),
    refetchInterval: askAgainMs,
    retry: false,
  })

export function useSystemStatus() {
  return useQuery(statusQuery(useApi()))
}

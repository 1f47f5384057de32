import { getInstallation } from '@studioops/contracts/installation'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ApiClient } from './api-client.ts'
import { useApi } from './api-context.tsx'

export const installationKey = ['installation'] as const

/** How this installation is set up: new, demo or own systems. */
export const installationQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: installationKey,
    queryFn: ({ signal }) => api.call(getInstallation, {}, { signal }),
    staleTime: 60_000,
  })

export function useInstallation() {
  return useQuery(installationQuery(useApi()))
}

import {
  type DemoFaults,
  getDemoFaults,
  leaveDemo,
  setDemoFaults,
  startDemo,
} from '@studioops/contracts/installation'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { installationKey } from '../../lib/installation.queries.ts'
import { sessionKey } from '../../lib/session.queries.ts'

const faultsKey = ['demo-faults'] as const

export function useStartDemo() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => api.call(startDemo, {}),
    onSuccess: (installation) => queries.setQueryData(installationKey, installation),
  })
}

/** Afterwards nobody is signed in and nothing is chosen. */
export function useLeaveDemo() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => api.call(leaveDemo, {}),
    onSuccess: (installation) => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== installationKey[0] })
      queries.setQueryData(sessionKey, {})
      queries.setQueryData(installationKey, installation)
    },
  })
}

export function useDemoFaults(isEnabled: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: faultsKey,
    queryFn: ({ signal }) => api.call(getDemoFaults, {}, { signal }),
    enabled: isEnabled,
  })
}

/** The switches move at once and fall back if the server refuses. */
export function useSetDemoFaults() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (faults: DemoFaults) => api.call(setDemoFaults, { body: faults }),
    onMutate: (faults) => {
      const before = queries.getQueryData<DemoFaults>(faultsKey)
      queries.setQueryData(faultsKey, faults)
      return before
    },
    onError: (_, __, before) => queries.setQueryData(faultsKey, before),
    onSuccess: (faults) => queries.setQueryData(faultsKey, faults),
  })
}

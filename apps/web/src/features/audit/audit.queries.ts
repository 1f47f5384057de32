import {
  type AuditAction,
  type AuditOutcome,
  listAuditEvents,
  listAuditPeople,
  prepareAuditExport,
  verifyAudit,
} from '@studioops/contracts/audit'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'

export type AuditFilter = {
  readonly actorId?: string | undefined
  readonly action?: AuditAction | undefined
  readonly outcome?: AuditOutcome | undefined
  /** ISO 8601. */
  readonly from?: string | undefined
}

const eventsKey = ['audit-events'] as const

export function useAuditEvents(filter: AuditFilter) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: [...eventsKey, filter],
    queryFn: ({ pageParam, signal }) =>
      api.call(listAuditEvents, { query: present({ ...filter, before: pageParam }) }, { signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.before,
  })
}

export function useAuditPeople() {
  const api = useApi()
  return useQuery({
    queryKey: ['audit-people'],
    queryFn: ({ signal }) => api.call(listAuditPeople, {}, { signal }),
    select: ({ people }) => people,
  })
}

export function useVerifyAudit() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => api.call(verifyAudit, {}),
    onSettled: () => queries.invalidateQueries({ queryKey: eventsKey }),
  })
}

export function useExportAudit() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ filter, form }: { filter: AuditFilter; form: 'csv' | 'jsonl' }) =>
      api.call(prepareAuditExport, { body: { ...present(filter), form } }),
    // It answers with a file, so the page stays where it is.
    onSuccess: ({ path }) => window.location.assign(path),
    onSettled: () => queries.invalidateQueries({ queryKey: eventsKey }),
  })
}

/** Without what is not asked for: an address would carry it as a word. */
function present<T extends object>(filter: T): T {
  const entries = Object.entries(filter).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as T
}

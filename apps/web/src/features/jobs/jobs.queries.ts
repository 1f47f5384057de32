import { cancelJob, getJobCounts, type Job, listJobs, retryJob } from '@studioops/contracts/jobs'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'
import { isOpen } from './job-states.ts'

const listKey = ['jobs'] as const
const countsKey = ['job-counts'] as const

const busyMs = 1_000
const quietMs = 15_000

export function useJobs() {
  const api = useApi()
  return useQuery({
    queryKey: listKey,
    queryFn: ({ signal }) => api.call(listJobs, { query: {} }, { signal }),
    select: (reply) => reply.jobs,
    refetchInterval: (query) => (query.state.data?.jobs.some(isOpen) === true ? busyMs : quietMs),
    staleTime: 0,
  })
}

export function useJobCounts() {
  const api = useApi()
  return useQuery({
    queryKey: countsKey,
    queryFn: ({ signal }) => api.call(getJobCounts, {}, { signal }),
    refetchInterval: quietMs,
    staleTime: 0,
  })
}

export function useJobDeed({ id: jobId }: Job) {
  const api = useApi()
  const queries = useQueryClient()
  const params = { jobId }
  return useSingleMutation({
    mutationKey: ['job-deed', jobId],
    mutationFn: (deed: 'cancel' | 'retry') =>
      api.call(
        deed === 'cancel' ? cancelJob : retryJob,
        { params },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSettled: async () => {
      void queries.invalidateQueries({ queryKey: countsKey })
      await queries.invalidateQueries({ queryKey: listKey })
    },
  })
}

import { answerRun, stopRun } from '@studioops/contracts/runs'
import { useQueryClient } from '@tanstack/react-query'
import { useApi } from './api-context.tsx'
import { newIdempotencyKey } from './idempotency-key.ts'
import { useSingleMutation } from './single-mutation.queries.ts'

/** Cuts a generation. A closed page never does. */
export function useStopRun() {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['stop-run'],
    mutationFn: (runId: string) =>
      api.call(stopRun, { params: { runId } }, { idempotencyKey: newIdempotencyKey() }),
  })
}

/** @param queryKey of what the run writes, which is asked for again */
export function useAnswerRun(queryKey: readonly string[]) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['answer-run', ...queryKey],
    mutationFn: ({ runId, ...body }: { runId: string; requestId: string; answer: string }) =>
      api.call(answerRun, { params: { runId }, body }, { idempotencyKey: newIdempotencyKey() }),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  })
}

import { type Session, stepUp } from '@studioops/contracts/accounts'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { sessionKey } from '../../lib/session.queries.ts'

/** Gives the password once more; the session goes on under a new id. */
export function useGivePassword() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: CallOf<typeof stepUp>['body']) => api.call(stepUp, { body }),
    onSuccess: (reply) => queries.setQueryData<{ session?: Session }>(sessionKey, reply),
  })
}

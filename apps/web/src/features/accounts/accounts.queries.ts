import {
  changePassword,
  checkJiraToken,
  type Session,
  signIn,
  register,
} from '@studioops/contracts/accounts'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { installationKey } from '../../lib/installation.queries.ts'
import { sessionKey } from '../../lib/session.queries.ts'

/** Asks Jira whose token it is; nothing is stored. */
export function useCheckJiraToken() {
  const api = useApi()
  return useMutation({
    mutationFn: (body: CallOf<typeof checkJiraToken>['body']) => api.call(checkJiraToken, { body }),
  })
}

export function useRegister() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: CallOf<typeof register>['body']) => api.call(register, { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: installationKey }),
  })
}

export function useSignIn() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: CallOf<typeof signIn>['body']) => api.call(signIn, { body }),
    onSuccess: (reply) => queries.setQueryData<{ session?: Session }>(sessionKey, reply),
  })
}

export function useChangePassword() {
  const api = useApi()
  return useMutation({
    mutationFn: (body: CallOf<typeof changePassword>['body']) => api.call(changePassword, { body }),
  })
}

import {
  acceptInvitation,
  beginSecondFactor,
  changePassword,
  checkJiraToken,
  confirmSecondFactor,
  endOtherSessions,
  endSession,
  getSecondFactor,
  listSessions,
  lookUpInvitation,
  makeRecoveryCodes,
  register,
  registerLocally,
  removeSecondFactor,
  resetByJira,
  resetByLink,
  type SecondFactor,
  type Session,
  signIn,
} from '@studioops/contracts/accounts'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { useKeyOf } from '../../lib/idempotency-key.ts'
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
  const keyOf = useKeyOf()
  return useMutation({
    mutationFn: (body: CallOf<typeof register>['body']) =>
      api.call(register, { body }, { idempotencyKey: keyOf(body) }),
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

export function useRegisterLocally() {
  const api = useApi()
  const queries = useQueryClient()
  const keyOf = useKeyOf()
  return useMutation({
    mutationFn: (body: CallOf<typeof registerLocally>['body']) =>
      api.call(registerLocally, { body }, { idempotencyKey: keyOf(body) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: installationKey }),
  })
}

/** What the link of an invitation says. */
export function useInvitation(token: string) {
  const api = useApi()
  return useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => api.call(lookUpInvitation, { body: { token } }, { signal }),
    enabled: token !== '',
    staleTime: Infinity,
  })
}

export function useAcceptInvitation() {
  const api = useApi()
  const keyOf = useKeyOf()
  return useMutation({
    mutationFn: (body: CallOf<typeof acceptInvitation>['body']) =>
      api.call(acceptInvitation, { body }, { idempotencyKey: keyOf(body) }),
  })
}

type Proof = { readonly token: string } | { readonly ticket: string }

/** A new password, by the link of an administrator or by a checked Jira token. */
export function useResetPassword(proof: Proof) {
  const api = useApi()
  const keyOf = useKeyOf()
  return useMutation({
    mutationFn: (given: { password: string; code?: string }) => {
      const idempotencyKey = keyOf({ ...given, ...proof })
      return 'token' in proof
        ? api.call(resetByLink, { body: { ...given, ...proof } }, { idempotencyKey })
        : api.call(resetByJira, { body: { ...given, ...proof } }, { idempotencyKey })
    },
  })
}

const sessionsKey = ['sessions'] as const

export function useOwnSessions() {
  const api = useApi()
  return useQuery({
    queryKey: sessionsKey,
    queryFn: ({ signal }) => api.call(listSessions, {}, { signal }),
  })
}

/** @returns ends one sign-in by its id, or all others where none is given */
export function useEndSessions() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (sessionId: string | undefined) =>
      sessionId === undefined
        ? api.call(endOtherSessions, {})
        : api.call(endSession, { params: { sessionId } }),
    onSuccess: (reply) => queries.setQueryData(sessionsKey, reply),
  })
}

const secondFactorKey = ['second-factor'] as const

export function useSecondFactor() {
  const api = useApi()
  return useQuery({
    queryKey: secondFactorKey,
    queryFn: ({ signal }) => api.call(getSecondFactor, {}, { signal }),
  })
}

export function useBeginSecondFactor() {
  const api = useApi()
  return useMutation({ mutationFn: () => api.call(beginSecondFactor, {}) })
}

/** What changed is asked for by `useRefreshSecondFactor`, once the recovery codes have been seen. */
export function useConfirmSecondFactor() {
  const api = useApi()
  return useMutation({
    mutationFn: (code: string) => api.call(confirmSecondFactor, { body: { code } }),
  })
}

export function useRefreshSecondFactor(): () => void {
  const queries = useQueryClient()
  return () => {
    void queries.invalidateQueries({ queryKey: secondFactorKey })
    void queries.invalidateQueries({ queryKey: sessionKey })
  }
}

export function useRemoveSecondFactor() {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => api.call(removeSecondFactor, {}),
    onSuccess: async (after) => {
      queries.setQueryData<SecondFactor>(secondFactorKey, after)
      await queries.invalidateQueries({ queryKey: sessionKey })
    },
  })
}

export function useMakeRecoveryCodes() {
  const api = useApi()
  return useMutation({ mutationFn: () => api.call(makeRecoveryCodes, {}) })
}

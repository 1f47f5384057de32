import {
  createAccessToken,
  listAccessTokens,
  revokeAccessToken,
} from '@studioops/contracts/access-tokens'
import type { CallOf } from '@studioops/contracts/endpoint'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const key = ['access-tokens'] as const

export function useAccessTokens() {
  const api = useApi()
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.call(listAccessTokens, {}, { signal }),
    staleTime: 0,
  })
}

export function useCreateAccessToken() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['access-token-create'],
    mutationFn: (body: CallOf<typeof createAccessToken>['body']) =>
      api.call(createAccessToken, { body }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  })
}

export function useRevokeAccessToken() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['access-token-revoke'],
    mutationFn: (tokenId: string) => api.call(revokeAccessToken, { params: { tokenId } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  })
}

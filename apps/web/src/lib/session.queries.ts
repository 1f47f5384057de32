import { getSession, type Account, type Session } from '@studioops/contracts/accounts'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ApiClient } from './api-client.ts'
import { useApi } from './api-context.tsx'

export const sessionKey = ['session'] as const

/** Who is signed in; `session` is undefined for a visitor. */
export const sessionQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: sessionKey,
    queryFn: ({ signal }): Promise<{ session?: Session | undefined }> =>
      api.call(getSession, {}, { signal }),
    staleTime: 60_000,
  })

/** The account of the person; undefined while it loads and for visitors. */
export function useAccount(): Account | undefined {
  return useQuery({ ...sessionQuery(useApi()), select: (reply) => reply.session?.account }).data
}

export function useSession() {
  return useQuery(sessionQuery(useApi()))
}

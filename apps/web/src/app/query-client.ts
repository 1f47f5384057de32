import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { isSessionOver, isWorthRetrying } from '../lib/problem.ts'

const retriesMax = 3
const firstDelayMs = 500
const delayMaxMs = 8_000

/**
 * The cache of what the server said. Reads are repeated where that can help; a write never is, the
 * person decides (UI-5).
 */
export function createQueryClient({
  onSessionOver,
  retries = retriesMax,
}: {
  readonly onSessionOver: (error: unknown) => void
  readonly retries?: number
}): QueryClient {
  const onError = (error: unknown) => {
    if (isSessionOver(error)) onSessionOver(error)
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < retries && isWorthRetrying(error),
        retryDelay: (failure) => Math.min(firstDelayMs * 2 ** failure, delayMaxMs),
        staleTime: 10_000,
        // Our own server may answer without any network around the machine.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
}

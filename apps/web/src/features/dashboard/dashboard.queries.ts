import { listStories } from '@studioops/contracts/stories'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'

const shownMax = 5

/** The newest own stories. The key begins like that of the list, so that both grow old together. */
export function useRecentStories() {
  const api = useApi()
  return useQuery({
    queryKey: ['stories', 'recent'],
    queryFn: ({ signal }) => api.call(listStories, { query: { limit: shownMax } }, { signal }),
    select: (reply) => reply.stories,
  })
}

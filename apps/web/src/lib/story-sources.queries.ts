import { listStorySources } from '@studioops/contracts/story-context'
import { useQuery } from '@tanstack/react-query'
import { useApi } from './api-context.tsx'

export const sourcesKey = (storyId: string) => ['story', storyId, 'sources'] as const

/** What a story is written from besides its requirement, and from where more could be added. */
export function useStorySources(storyId: string) {
  const api = useApi()
  return useQuery({
    queryKey: sourcesKey(storyId),
    queryFn: ({ signal }) => api.call(listStorySources, { params: { storyId } }, { signal }),
  })
}

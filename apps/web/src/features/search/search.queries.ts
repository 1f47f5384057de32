import { searchEverything } from '@studioops/contracts/search'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'

export function useSearch(text: string) {
  const api = useApi()
  const q = text.trim()
  return useQuery({
    queryKey: ['search', q],
    queryFn: ({ signal }) => api.call(searchEverything, { query: { q } }, { signal }),
    select: (reply) => reply.hits,
    enabled: q !== '',
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
}

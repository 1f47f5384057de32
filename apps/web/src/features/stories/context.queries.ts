import {
  addStorySource,
  findStorySources,
  removeStorySource,
  type SourceKind,
} from '@studioops/contracts/story-context'
import type { CallOf } from '@studioops/contracts/endpoint'
import { listProjects } from '@studioops/contracts/projects'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'
import { sourcesKey } from '../../lib/story-sources.queries.ts'

export function useFoundSources({
  storyId,
  kind,
  query,
}: {
  readonly storyId: string
  readonly kind: SourceKind
  readonly query: string
}) {
  const api = useApi()
  return useQuery({
    queryKey: [...sourcesKey(storyId), 'found', kind, query],
    queryFn: ({ signal }) =>
      api.call(findStorySources, { params: { storyId }, query: { kind, query } }, { signal }),
    select: ({ found }) => found,
    enabled: query !== '',
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  })
}

export type NewSource = CallOf<typeof addStorySource>['body']

export function useAddSource(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['add-story-source', storyId],
    mutationFn: (body: NewSource) =>
      api.call(
        addStorySource,
        { params: { storyId }, body },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: (reply) => queries.setQueryData(sourcesKey(storyId), reply),
  })
}

export function useRemoveSource(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['remove-story-source', storyId],
    mutationFn: ({ kind, ref }: { readonly kind: SourceKind; readonly ref: string }) =>
      api.call(
        removeStorySource,
        { params: { storyId, kind, ref } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: (reply) => queries.setQueryData(sourcesKey(storyId), reply),
  })
}

/** Projects whose rules and documents a story can take. */
export function useOpenProjects() {
  const api = useApi()
  return useQuery({
    queryKey: ['projects', 'of-stories'],
    queryFn: ({ signal }) => api.call(listProjects, { query: { sort: 'name' } }, { signal }),
    select: ({ projects }) => projects,
    staleTime: 60_000,
  })
}

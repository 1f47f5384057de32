import type { Operation } from '@studioops/contracts/operations'
import {
  listHeadings,
  listPublications,
  listSpaces,
  previewPublication,
  type PublicationTarget,
  publishStory,
} from '@studioops/contracts/pages'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const publicationsKey = (storyId: string) => ['story', storyId, 'publications'] as const

export function useSpaces(isEnabled: boolean) {
  const api = useApi()
  return useQuery({
    queryKey: ['confluence-spaces'],
    queryFn: ({ signal }) => api.call(listSpaces, {}, { signal }),
    select: (reply) => reply.spaces,
    enabled: isEnabled,
  })
}

/** @param pageId undefined while no page is chosen */
export function useHeadings(pageId: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: ['confluence-headings', pageId],
    queryFn: ({ signal }) =>
      api.call(listHeadings, { params: { pageId: pageId ?? '' } }, { signal }),
    select: (reply) => reply.headings,
    enabled: pageId !== undefined,
    staleTime: 0,
  })
}

export function usePreviewPublication(storyId: string) {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['preview-publication', storyId],
    mutationFn: (target: PublicationTarget) =>
      api.call(
        previewPublication,
        { params: { storyId }, body: { target } },
        { idempotencyKey: newIdempotencyKey() },
      ),
  })
}

export type Approval = {
  readonly target: PublicationTarget
  readonly payloadHash: string
  readonly idempotencyKey: string
}

export function usePublishStory(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['publish-story', storyId],
    mutationFn: ({ idempotencyKey, ...body }: Approval) =>
      api.call(publishStory, { params: { storyId }, body }, { idempotencyKey }),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['operations'] })
      void queries.invalidateQueries({ queryKey: dashboardKey })
      return queries.invalidateQueries({ queryKey: publicationsKey(storyId) })
    },
  })
}

const restlessMs = 1_000
const isRestless = ({ state }: Operation) => ['planned', 'attempting', 'unknown'].includes(state)

export function usePublications(storyId: string) {
  const api = useApi()
  return useQuery({
    queryKey: publicationsKey(storyId),
    queryFn: ({ signal }) => api.call(listPublications, { params: { storyId } }, { signal }),
    select: (reply) => reply.operations,
    refetchInterval: ({ state }) =>
      state.data?.operations.some(isRestless) === true ? restlessMs : false,
  })
}

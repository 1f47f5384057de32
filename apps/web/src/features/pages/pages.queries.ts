import type { Operation } from '@studioops/contracts/operations'
import {
  attachPage,
  detachPage,
  listHeadings,
  listPublications,
  listSpaces,
  listStoryPages,
  previewPublication,
  type PublicationTarget,
  publishStory,
  searchPages,
} from '@studioops/contracts/pages'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const pagesKey = (storyId: string) => ['story', storyId, 'pages'] as const
const publicationsKey = (storyId: string) => ['story', storyId, 'publications'] as const

export function useStoryPages(storyId: string) {
  const api = useApi()
  return useQuery({
    queryKey: pagesKey(storyId),
    queryFn: ({ signal }) => api.call(listStoryPages, { params: { storyId } }, { signal }),
  })
}

/** @param words undefined while nothing was searched for */
export function usePageSearch(words: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: ['confluence-pages', words],
    queryFn: ({ signal }) => api.call(searchPages, { query: { query: words ?? '' } }, { signal }),
    select: (reply) => reply.pages,
    enabled: words !== undefined,
  })
}

export function useAttachPage(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['attach-page', storyId],
    mutationFn: (pageId: string) =>
      api.call(
        attachPage,
        { params: { storyId }, body: { pageId } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: (reply) => queries.setQueryData(pagesKey(storyId), reply),
  })
}

export function useDetachPage(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['detach-page', storyId],
    mutationFn: (pageId: string) =>
      api.call(
        detachPage,
        { params: { storyId, pageId } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: (reply) => queries.setQueryData(pagesKey(storyId), reply),
  })
}

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

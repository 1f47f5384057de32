import { listBoards, readBoard } from '@studioops/contracts/boards'
import type { CallOf } from '@studioops/contracts/endpoint'
import {
  type JiraExtras,
  listAssignees,
  listComponents,
  listEpics,
  listLinkTypes,
  type Story,
  updateStory,
} from '@studioops/contracts/stories'
import { listCardWrites, makeCards, previewCards } from '@studioops/contracts/story-cards'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'
import { storyKey } from './stories.queries.ts'

const staleTime = 60_000

/** What Jira offers for the further fields of an issue; asked for once somebody looks. */
export function useJiraChoices({
  projectKey,
  issueType,
  isAsked,
}: {
  readonly projectKey: string
  readonly issueType: string
  readonly isAsked: boolean
}) {
  const api = useApi()
  const params = { projectKey }
  const key = ['jira-choices', projectKey] as const
  const enabled = isAsked && projectKey !== ''
  const assignees = useQuery({
    queryKey: [...key, 'assignees'],
    queryFn: ({ signal }) => api.call(listAssignees, { params }, { signal }),
    select: (reply) => reply.assignees,
    enabled,
    staleTime,
  })
  const components = useQuery({
    queryKey: [...key, 'components', issueType],
    queryFn: ({ signal }) => api.call(listComponents, { params, query: { issueType } }, { signal }),
    select: (reply) => reply.components,
    enabled: enabled && issueType !== '',
    staleTime,
  })
  const epics = useQuery({
    queryKey: [...key, 'epics'],
    queryFn: ({ signal }) => api.call(listEpics, { params, query: {} }, { signal }),
    select: (reply) => reply.epics,
    enabled,
    staleTime,
  })
  const linkTypes = useQuery({
    queryKey: ['jira-choices', 'link-types'],
    queryFn: ({ signal }) => api.call(listLinkTypes, {}, { signal }),
    select: (reply) => reply.linkTypes,
    enabled,
    staleTime,
  })
  return { assignees, components, epics, linkTypes }
}

/** The whole of them at once. One after the other: none of several changes in a row is lost. */
export function useSaveExtras(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationKey: ['story-extras', storyId],
    scope: { id: `story-extras ${storyId}` },
    mutationFn: (extras: JiraExtras) =>
      api.call(
        updateStory,
        { params: { storyId }, body: { extras } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: ({ story }) =>
      void queries.setQueryData<{ story: Story }>(storyKey(storyId), { story }),
    onError: () => void queries.invalidateQueries({ queryKey: storyKey(storyId) }),
  })
}

/** Boards of Trello; not asked for again where Trello is not connected. */
export function useBoardChoices(boardId: string | undefined) {
  const api = useApi()
  const boards = useQuery({
    queryKey: ['story-boards'],
    queryFn: ({ signal }) => api.call(listBoards, {}, { signal }),
    select: (reply) => reply.boards,
    staleTime,
  })
  const board = useQuery({
    queryKey: ['story-boards', boardId],
    queryFn: ({ signal }) =>
      api.call(readBoard, { params: { boardId: boardId ?? '' } }, { signal }),
    enabled: boardId !== undefined,
    staleTime,
  })
  return { boards, board }
}

const restless = new Set(['planned', 'attempting', 'unknown'])
const cardsKey = (storyId: string) => ['story', storyId, 'cards'] as const

export function useCardWrites(storyId: string) {
  const api = useApi()
  return useQuery({
    queryKey: cardsKey(storyId),
    queryFn: ({ signal }) => api.call(listCardWrites, { params: { storyId } }, { signal }),
    select: (reply) => reply.operations,
    refetchInterval: ({ state }) =>
      state.data?.operations.some(({ state: each }) => restless.has(each)) === true ? 1_000 : false,
  })
}

export function usePreviewCards(storyId: string) {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['preview-cards', storyId],
    mutationFn: (body: CallOf<typeof previewCards>['body']) =>
      api.call(
        previewCards,
        { params: { storyId }, body },
        { idempotencyKey: newIdempotencyKey() },
      ),
  })
}

export type CardApproval = {
  readonly body: CallOf<typeof makeCards>['body']
  readonly idempotencyKey: string
}

export function useMakeCards(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['make-cards', storyId],
    mutationFn: ({ body, idempotencyKey }: CardApproval) =>
      api.call(makeCards, { params: { storyId }, body }, { idempotencyKey }),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['operations'] })
      void queries.invalidateQueries({ queryKey: dashboardKey })
      return queries.invalidateQueries({ queryKey: cardsKey(storyId) })
    },
  })
}

import type { OperationState } from '@studioops/contracts/operations'
import type { CallOf } from '@studioops/contracts/endpoint'
import {
  approveStories,
  approveStory,
  createStory,
  deleteStory,
  editStory,
  exportStories,
  fillJiraFields,
  getStory,
  listJiraIssueTypes,
  listJiraProjects,
  listStories,
  previewStories,
  restoreStoryVersion,
  type Story,
  updateStory,
  writeStory,
} from '@studioops/contracts/stories'
import type { StoryChild, StoryContent } from '@studioops/contracts/story-content'
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { dashboardKey } from '../../lib/dashboard.queries.ts'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'
import { isGoingOn } from '../../lib/run-follow.ts'
import type { NewStory, StoryInput } from './story-input.ts'

const listKey = ['stories'] as const
export const storyKey = (storyId: string) => ['story', storyId] as const
const projectsKey = ['jira-projects'] as const
const outboxKeys = [dashboardKey, ['operations']] as const

const listLimit = 100

export function useStories() {
  const api = useApi()
  return useQuery({
    queryKey: listKey,
    queryFn: ({ signal }) => api.call(listStories, { query: { limit: listLimit } }, { signal }),
    select: (reply) => reply.stories,
    // What another page changed is old the moment one comes back.
    staleTime: 0,
  })
}

const restless: Readonly<Partial<Record<OperationState, number>>> = {
  planned: 1_000,
  attempting: 1_000,
  unknown: 1_000,
  'needs-user': 5_000,
}

const runNetMs = 5_000

/** How long until the story is asked for again, in milliseconds; false once nothing can change. */
function refetchIntervalOf(story: Story | undefined): number | false {
  const { operation, run } = story ?? {}
  if (operation !== undefined && restless[operation.state] !== undefined)
    return restless[operation.state] ?? false
  // The stream tells everything earlier; this is the net below it.
  return isGoingOn(run) ? runNetMs : false
}

export function useStory(storyId: string) {
  const api = useApi()
  return useQuery({
    queryKey: storyKey(storyId),
    queryFn: ({ signal }) => api.call(getStory, { params: { storyId } }, { signal }),
    select: (reply) => reply.story,
    refetchInterval: (query) => refetchIntervalOf(query.state.data?.story),
    staleTime: 0,
  })
}

/** Asks for a story again, and for what depends on how it stands. */
export function useStoryRefresh(storyId: string) {
  const queries = useQueryClient()
  return () => {
    void queries.invalidateQueries({ queryKey: storyKey(storyId) })
    refreshOutbox(queries)
  }
}

function refreshOutbox(queries: QueryClient) {
  for (const queryKey of [listKey, ...outboxKeys]) void queries.invalidateQueries({ queryKey })
}

function keep(queries: QueryClient, story: Story) {
  queries.setQueryData(storyKey(story.id), { story })
}

/** Begins a story; `idempotencyKey` makes two presses one story. */
export function useCreateStory() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['create-story'],
    mutationFn: ({ input, idempotencyKey }: { input: NewStory; idempotencyKey: string }) =>
      api.call(createStory, { body: input }, { idempotencyKey }),
    onSuccess: ({ story }) => {
      keep(queries, story)
      void queries.invalidateQueries({ queryKey: listKey })
    },
  })
}

/** Keeps what is typed. A function, because `createAutosave` decides when. */
export function useSaveInput(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useCallback(
    async (body: Partial<StoryInput>) => {
      const idempotencyKey = newIdempotencyKey()
      const input = { params: { storyId }, body }
      const { story } = await api.call(updateStory, input, { idempotencyKey })
      keep(queries, story)
      void queries.invalidateQueries({ queryKey: listKey })
    },
    [api, queries, storyId],
  )
}

/** What several drafts would send, or why they may not. Nothing is kept of it. */
export function usePreviews(storyIds: readonly string[]) {
  const api = useApi()
  return useQuery({
    queryKey: ['story-previews', ...storyIds],
    queryFn: ({ signal }) =>
      api.call(
        previewStories,
        { body: { storyIds: [...storyIds] } },
        { signal, idempotencyKey: newIdempotencyKey() },
      ),
    select: ({ previews }) => previews,
    staleTime: 0,
    gcTime: 0,
  })
}

export type BulkApproval = {
  readonly stories: CallOf<typeof approveStories>['body']['stories']
  readonly idempotencyKey: string
}

export function useApproveStories() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['approve-stories'],
    mutationFn: ({ stories, idempotencyKey }: BulkApproval) =>
      api.call(approveStories, { body: { stories } }, { idempotencyKey }),
    onSettled: () => refreshOutbox(queries),
  })
}

export function useExportStories() {
  const api = useApi()
  return useSingleMutation({
    mutationKey: ['export-stories'],
    mutationFn: (body: CallOf<typeof exportStories>['body']) =>
      api.call(exportStories, { body }, { idempotencyKey: newIdempotencyKey() }),
  })
}

export function useDeleteStory() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['delete-story'],
    mutationFn: (storyId: string) =>
      api.call(deleteStory, { params: { storyId } }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (_, storyId) => {
      queries.removeQueries({ queryKey: storyKey(storyId) })
      return queries.invalidateQueries({ queryKey: listKey })
    },
  })
}

/** What the model is to do; `child`: of a split, this part alone. */
export type Wish = {
  readonly instruction?: string
  readonly child?: number
  readonly keepEdits?: boolean
  readonly split?: boolean
}

/** Lets the model write, or change by an instruction; what is typed is kept first. */
export function useWriteStory(storyId: string, keepInput: () => Promise<void>) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['write-story', storyId],
    mutationFn: async (body: Wish) => {
      await keepInput()
      const idempotencyKey = newIdempotencyKey()
      return api.call(writeStory, { params: { storyId }, body }, { idempotencyKey })
    },
    onSuccess: ({ run }) => {
      queries.setQueryData<{ story: Story }>(storyKey(storyId), (known) =>
        known === undefined ? undefined : { story: { ...known.story, run, state: 'writing' } },
      )
      return queries.invalidateQueries({ queryKey: storyKey(storyId) })
    },
    // The answer may be lost although the run has begun, or another tab may have begun one.
    onError: () => void queries.invalidateQueries({ queryKey: storyKey(storyId) }),
  })
}

export type Correction = {
  readonly basedOn: number
  readonly content: StoryContent
  /** Absent: as they were. Empty: one story again. */
  readonly children?: StoryChild[]
}

export function useEditStory(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['edit-story', storyId],
    mutationFn: (body: Correction) =>
      api.call(editStory, { params: { storyId }, body }, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: ({ story }) => keep(queries, story),
    onError: () => queries.invalidateQueries({ queryKey: storyKey(storyId) }),
  })
}

/** Takes an earlier version up again, with the parts that it was split into. */
export function useRestoreVersion(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['edit-story', storyId],
    mutationFn: (body: { readonly version: number; readonly basedOn: number }) =>
      api.call(
        restoreStoryVersion,
        { params: { storyId }, body },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: ({ story }) => keep(queries, story),
    onError: () => queries.invalidateQueries({ queryKey: storyKey(storyId) }),
  })
}

/** By the id of the field. One after the other: none of several changes in a row is lost. */
export function useFillJiraFields(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationKey: ['fill-jira-fields', storyId],
    scope: { id: `fill-jira-fields ${storyId}` },
    mutationFn: (values: Record<string, string[]>) =>
      api.call(
        fillJiraFields,
        { params: { storyId }, body: { values } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: ({ story }) => keep(queries, story),
    onError: () => queries.invalidateQueries({ queryKey: storyKey(storyId) }),
  })
}

export type Approval = {
  readonly version: number
  readonly payloadHash: string
  readonly idempotencyKey: string
}

export function useApproveStory(storyId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['approve-story', storyId],
    mutationFn: ({ idempotencyKey, ...body }: Approval) =>
      api.call(approveStory, { params: { storyId }, body }, { idempotencyKey }),
    onSuccess: ({ story }) => {
      keep(queries, story)
      refreshOutbox(queries)
    },
    onError: () => queries.invalidateQueries({ queryKey: storyKey(storyId) }),
  })
}

const listStaleMs = 60_000

export function useJiraProjects() {
  const api = useApi()
  return useQuery({
    queryKey: projectsKey,
    queryFn: ({ signal }) => api.call(listJiraProjects, {}, { signal }),
    staleTime: listStaleMs,
  })
}

/** @param projectKey undefined while no project is chosen: nothing is asked */
export function useJiraIssueTypes(projectKey: string | undefined) {
  const api = useApi()
  return useQuery({
    queryKey: [...projectsKey, projectKey, 'issue-types'],
    queryFn: ({ signal }) =>
      api.call(listJiraIssueTypes, { params: { projectKey: projectKey ?? '' } }, { signal }),
    enabled: projectKey !== undefined,
    staleTime: listStaleMs,
  })
}

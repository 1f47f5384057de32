import { listChats } from '@studioops/contracts/chats'
import { listDocuments } from '@studioops/contracts/documents'
import { listBoards } from '@studioops/contracts/boards'
import { listSpaces } from '@studioops/contracts/pages'
import {
  addLink,
  addMember,
  archiveProject,
  changeMember,
  changeProject,
  checkLink,
  createProject,
  listActivity,
  listCandidates,
  listProjectOperations,
  listProjects,
  type Project,
  type ProjectBudget,
  type ProjectLinkKind,
  type ProjectRole,
  removeLink,
  removeMember,
  setBudgets,
} from '@studioops/contracts/projects'
import { listJiraProjects } from '@studioops/contracts/stories'
import {
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useApi } from '../../lib/api-context.tsx'
import { newIdempotencyKey } from '../../lib/idempotency-key.ts'
import { projectKey } from '../../lib/project.queries.ts'
import { useSingleMutation } from '../../lib/single-mutation.queries.ts'

const listKey = ['projects'] as const

export type ListFilter = {
  readonly shown: 'open' | 'archived' | 'all'
  readonly sort: 'active' | 'name'
  readonly search: string
}

export function useProjects(filter: ListFilter) {
  const api = useApi()
  return useQuery({
    queryKey: [...listKey, filter],
    queryFn: ({ signal }) => api.call(listProjects, { query: filter }, { signal }),
    select: (reply) => reply.projects,
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
}

function keep(queries: QueryClient, reply: { readonly project: Project }) {
  queries.setQueryData(projectKey(reply.project.id), reply)
  void queries.invalidateQueries({ queryKey: listKey })
  void queries.invalidateQueries({ queryKey: ['project-activity', reply.project.id] })
}

export type ProjectInput = {
  readonly name: string
  readonly description: string
  readonly status: Project['status']
  readonly color: Project['color']
}

/** `idempotencyKey` makes two presses one project. */
export function useCreateProject() {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['project-create'],
    mutationFn: ({ input, idempotencyKey }: { input: ProjectInput; idempotencyKey: string }) =>
      api.call(createProject, { body: input }, { idempotencyKey }),
    onSuccess: (reply) => keep(queries, reply),
  })
}

export function useChangeProject(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['project-change', projectId],
    mutationFn: (body: Partial<ProjectInput>) =>
      api.call(
        changeProject,
        { params: { projectId }, body },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: (reply) => keep(queries, reply),
  })
}

export function useArchiveProject(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation({
    mutationKey: ['project-archive', projectId],
    mutationFn: (isArchived: boolean) =>
      api.call(
        archiveProject,
        { params: { projectId }, body: { isArchived } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: (reply) => keep(queries, reply),
  })
}

/** Everything that answers with the project as it is then. */
function useProjectMutation<Input>(
  name: string,
  projectId: string,
  send: (input: Input, idempotencyKey: string) => Promise<{ readonly project: Project }>,
) {
  const queries = useQueryClient()
  return useSingleMutation<{ readonly project: Project }, Input>({
    mutationKey: [name, projectId],
    mutationFn: (input) => send(input, newIdempotencyKey()),
    onSuccess: (reply) => keep(queries, reply),
  })
}

export function useCandidates(projectId: string, search: string) {
  const api = useApi()
  return useQuery({
    queryKey: ['project-candidates', projectId, search],
    queryFn: ({ signal }) =>
      api.call(listCandidates, { params: { projectId }, query: { search } }, { signal }),
    select: (reply) => reply.people,
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
}

export function useAddMember(projectId: string) {
  const api = useApi()
  return useProjectMutation(
    'member-add',
    projectId,
    (body: { userId: string; role: ProjectRole }, idempotencyKey) =>
      api.call(addMember, { params: { projectId }, body }, { idempotencyKey }),
  )
}

export function useChangeMember(projectId: string) {
  const api = useApi()
  return useProjectMutation(
    'member-change',
    projectId,
    ({ memberId, role }: { memberId: string; role: ProjectRole }, idempotencyKey) =>
      api.call(
        changeMember,
        { params: { projectId, memberId }, body: { role } },
        { idempotencyKey },
      ),
  )
}

export function useRemoveMember(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  return useSingleMutation<unknown, string>({
    mutationKey: ['member-remove', projectId],
    mutationFn: (memberId) =>
      api.call(
        removeMember,
        { params: { projectId, memberId } },
        { idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: projectKey(projectId) })
      void queries.invalidateQueries({ queryKey: listKey })
      void queries.invalidateQueries({ queryKey: ['project-activity', projectId] })
    },
  })
}

export function useAddLink(projectId: string) {
  const api = useApi()
  return useProjectMutation(
    'link-add',
    projectId,
    (body: { kind: ProjectLinkKind; key: string }, idempotencyKey) =>
      api.call(addLink, { params: { projectId }, body }, { idempotencyKey }),
  )
}

export function useCheckLink(projectId: string) {
  const api = useApi()
  return useProjectMutation('link-check', projectId, (linkId: string, idempotencyKey) =>
    api.call(checkLink, { params: { projectId, linkId } }, { idempotencyKey }),
  )
}

export function useRemoveLink(projectId: string) {
  const api = useApi()
  return useProjectMutation('link-remove', projectId, (linkId: string, idempotencyKey) =>
    api.call(removeLink, { params: { projectId, linkId } }, { idempotencyKey }),
  )
}

export function useSetBudgets(projectId: string) {
  const api = useApi()
  const queries = useQueryClient()
  const setting = useProjectMutation(
    'budgets',
    projectId,
    async (budgets: ProjectBudget[], idempotencyKey) => {
      const input = { params: { projectId }, body: { budgets } }
      const reply = await api.call(setBudgets, input, { idempotencyKey })
      void queries.invalidateQueries({ queryKey: ['purchases', projectId] })
      return reply
    },
  )
  return setting
}

export type PlaceOption = { readonly key: string; readonly name: string }

/** What the person's own connection shows; fails where the system is away or not connected. */
export function usePlaces(kind: ProjectLinkKind) {
  const api = useApi()
  return useQuery({
    queryKey: ['project-places', kind],
    queryFn: async ({ signal }): Promise<PlaceOption[]> => {
      if (kind === 'trello-board') {
        const { boards } = await api.call(listBoards, {}, { signal })
        return boards.map(({ id, name }) => ({ key: id, name }))
      }
      if (kind === 'jira-project')
        return (await api.call(listJiraProjects, {}, { signal })).projects
      return (await api.call(listSpaces, {}, { signal })).spaces
    },
    retry: false,
    staleTime: 60_000,
  })
}

export function useActivity(projectId: string) {
  const api = useApi()
  return useInfiniteQuery({
    queryKey: ['project-activity', projectId],
    queryFn: ({ signal, pageParam }) =>
      api.call(
        listActivity,
        { params: { projectId }, query: pageParam === 0 ? {} : { before: pageParam } },
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: (last) => last.before,
    staleTime: 0,
  })
}

export function useProjectOperations(projectId: string) {
  const api = useApi()
  return useQuery({
    queryKey: ['operations', 'of-project', projectId],
    queryFn: ({ signal }) => api.call(listProjectOperations, { params: { projectId } }, { signal }),
    select: (reply) => reply.operations,
    staleTime: 0,
    refetchInterval: 30_000,
  })
}

const recentMax = 5

export function useRecentDocuments(projectId: string) {
  const api = useApi()
  const query = { limit: recentMax }
  return useQuery({
    queryKey: ['project-documents', projectId, query],
    queryFn: ({ signal }) => api.call(listDocuments, { params: { projectId }, query }, { signal }),
    select: ({ documents }) => documents,
    staleTime: 0,
  })
}

export function useRecentChats(projectId: string) {
  const api = useApi()
  const query = { projectId, limit: recentMax }
  return useQuery({
    queryKey: ['chats', query],
    queryFn: ({ signal }) => api.call(listChats, { query }, { signal }),
    select: ({ chats }) => chats,
    staleTime: 0,
  })
}

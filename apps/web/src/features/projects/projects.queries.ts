import {
  archiveProject,
  changeProject,
  createProject,
  listProjects,
  type Project,
} from '@studioops/contracts/projects'
import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
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

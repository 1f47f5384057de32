import { getRouteApi, Outlet } from '@tanstack/react-router'
import { ProjectFrame } from './project-frame.tsx'
import { ProjectOverview } from './project-overview.tsx'
import { ProjectSettings } from './project-settings.tsx'

const route = getRouteApi('/member/projects/$projectId')
const overview = getRouteApi('/member/projects/$projectId/')

export function ProjectFrameRoute() {
  const { projectId } = route.useParams()
  return (
    <ProjectFrame key={projectId} projectId={projectId}>
      <Outlet />
    </ProjectFrame>
  )
}

export function OverviewRoute() {
  const { projectId } = route.useParams()
  const { SpendPanel } = overview.useRouteContext()
  return <ProjectOverview projectId={projectId} SpendPanel={SpendPanel} />
}

export function SettingsRoute() {
  const { projectId } = route.useParams()
  return <ProjectSettings projectId={projectId} />
}

import { getRouteApi } from '@tanstack/react-router'
import { StorySettingsPage } from './story-settings-page.tsx'

const route = getRouteApi('/member/stories/settings')

export function StorySettingsRoute() {
  const { view = 'rules', projectId } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <StorySettingsPage
      view={view}
      projectId={projectId}
      onChange={(search) =>
        void navigate({ to: '/stories/settings', search, replace: true, resetScroll: false })
      }
    />
  )
}

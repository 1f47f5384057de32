import { getRouteApi } from '@tanstack/react-router'
import { StoryPage } from './story-page.tsx'

const route = getRouteApi('/member/stories/$storyId')

export function StoryRoute() {
  const { storyId } = route.useParams()
  const { view = 'preview' } = route.useSearch()
  const parts = route.useRouteContext()
  const navigate = route.useNavigate()
  return (
    <StoryPage
      key={storyId}
      storyId={storyId}
      view={view}
      onView={(next) =>
        void navigate({
          to: '/stories/$storyId',
          params: { storyId },
          search: { view: next },
          replace: true,
          resetScroll: false,
        })
      }
      OperationCard={parts.OperationCard}
      PublishPanel={parts.PublishPanel}
    />
  )
}

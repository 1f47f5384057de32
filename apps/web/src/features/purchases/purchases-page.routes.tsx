import { getRouteApi } from '@tanstack/react-router'
import { PurchasesPage } from './purchases-page.tsx'

const route = getRouteApi('/member/projects/$projectId/purchases')

export function PurchasesRoute() {
  const { projectId } = route.useParams()
  const view = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <PurchasesPage
      projectId={projectId}
      view={view}
      onView={(next) =>
        void navigate({
          to: '/projects/$projectId/purchases',
          params: { projectId },
          search: next,
          replace: true,
          resetScroll: false,
        })
      }
    />
  )
}

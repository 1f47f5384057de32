import { getRouteApi } from '@tanstack/react-router'
import { ProjectsPage } from './projects-page.tsx'

const route = getRouteApi('/member/projects')

export function ProjectsRoute() {
  const { shown = 'open', sort = 'active', search = '' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <ProjectsPage
      filter={{ shown, sort, search }}
      onFilter={(next) =>
        void navigate({
          to: '/projects',
          search: {
            shown: next.shown === 'open' ? undefined : next.shown,
            sort: next.sort === 'active' ? undefined : next.sort,
            search: next.search === '' ? undefined : next.search,
          },
          replace: true,
          resetScroll: false,
        })
      }
    />
  )
}

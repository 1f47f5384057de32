import { getRouteApi } from '@tanstack/react-router'
import { StoriesPage } from './stories-page.tsx'

const route = getRouteApi('/member/stories')

export function StoriesRoute() {
  const { state } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <StoriesPage
      filter={state}
      onFilter={(next) =>
        void navigate({
          to: '/stories',
          search: next === undefined ? {} : { state: next },
          replace: true,
          resetScroll: false,
        })
      }
    />
  )
}

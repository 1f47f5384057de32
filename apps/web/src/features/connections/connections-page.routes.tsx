import { getRouteApi } from '@tanstack/react-router'
import { ConnectionsPage } from './connections-page.tsx'

const route = getRouteApi('/member/connections')

export function ConnectionsRoute() {
  const { CompanyModelSection } = route.useRouteContext()
  return <ConnectionsPage CompanyModelSection={CompanyModelSection} />
}

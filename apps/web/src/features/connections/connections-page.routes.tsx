import { getRouteApi } from '@tanstack/react-router'
import { ConnectionsPage } from './connections-page.tsx'

const route = getRouteApi('/member/connections')

export function ConnectionsRoute() {
  return <ConnectionsPage {...route.useRouteContext()} />
}

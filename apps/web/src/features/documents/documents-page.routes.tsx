import { getRouteApi } from '@tanstack/react-router'
import { DocumentsPage } from './documents-page.tsx'

const route = getRouteApi('/member/projects/$projectId/documents')

export function DocumentsRoute() {
  const { projectId } = route.useParams()
  const search = route.useSearch()
  const { ReceiptOf } = route.useRouteContext()
  const navigate = route.useNavigate()
  return (
    <DocumentsPage
      projectId={projectId}
      shown={search}
      ReceiptOf={ReceiptOf}
      onShow={(changes) =>
        void navigate({ search: (before) => ({ ...before, ...changes }), replace: true })
      }
    />
  )
}

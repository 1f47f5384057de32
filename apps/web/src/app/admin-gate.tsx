import { Outlet } from '@tanstack/react-router'
import { useAccount } from '../lib/session.queries.ts'
import { NotFoundPage } from './not-found-page.tsx'
import { runsWorkspace } from './shell/destinations.ts'

/** Pages for those who run the workspace; for everybody else they do not exist. */
export function AdminGate() {
  const account = useAccount()
  if (account === undefined) return undefined
  return runsWorkspace(account) ? <Outlet /> : <NotFoundPage />
}

import type { Account } from '@studioops/contracts/accounts'
import {
  Activity,
  DatabaseBackup,
  FileJson2,
  FolderKanban,
  Inbox,
  LayoutDashboard,
  ListTodo,
  type LucideIcon,
  MessagesSquare,
  Plug,
  ScrollText,
  ShieldCheck,
  Sparkles,
  SquareKanban,
  Unplug,
  UsersRound,
} from 'lucide-react'

export type Destination = {
  readonly to:
    | '/dashboard'
    | '/projects'
    | '/stories'
    | '/boards'
    | '/chats'
    | '/outbox'
    | '/connections'
    | '/jobs'
    | '/models'
    | '/admin/people'
    | '/admin/audit'
    | '/admin/monitoring'
    | '/admin/backups'
    | '/admin/company-model'
    | '/admin/connections'
  readonly textKey:
    | 'nav.dashboard'
    | 'nav.projects'
    | 'nav.stories'
    | 'nav.boards'
    | 'nav.chats'
    | 'nav.outbox'
    | 'nav.connections'
    | 'nav.jobs'
    | 'nav.models'
    | 'nav.people'
    | 'nav.audit'
    | 'nav.monitoring'
    | 'nav.backups'
    | 'nav.companyModel'
    | 'nav.workspaceConnections'
  readonly icon: LucideIcon
}

export const destinations: readonly Destination[] = [
  { to: '/dashboard', textKey: 'nav.dashboard', icon: LayoutDashboard },
  { to: '/projects', textKey: 'nav.projects', icon: FolderKanban },
  { to: '/chats', textKey: 'nav.chats', icon: MessagesSquare },
  { to: '/stories', textKey: 'nav.stories', icon: ScrollText },
  { to: '/boards', textKey: 'nav.boards', icon: SquareKanban },
  { to: '/outbox', textKey: 'nav.outbox', icon: Inbox },
  { to: '/connections', textKey: 'nav.connections', icon: Plug },
]

/** Looked at now and then: below the others, and on a phone under More. */
export const laterDestinations: readonly Destination[] = [
  { to: '/models', textKey: 'nav.models', icon: Sparkles },
  { to: '/jobs', textKey: 'nav.jobs', icon: ListTodo },
]
/** Of the bar of a phone, which has room for four; the rest stands in the menu beside them. */
const beyond: readonly Destination['to'][] = ['/boards', '/chats', '/connections']
export const phoneDestinations = destinations.filter(({ to }) => !beyond.includes(to))
export const beyondPhone = destinations.filter(({ to }) => beyond.includes(to))

/** For those who run the workspace. */
export const adminDestinations: readonly Destination[] = [
  { to: '/admin/people', textKey: 'nav.people', icon: UsersRound },
  { to: '/admin/monitoring', textKey: 'nav.monitoring', icon: Activity },
  { to: '/admin/audit', textKey: 'nav.audit', icon: ShieldCheck },
  { to: '/admin/backups', textKey: 'nav.backups', icon: DatabaseBackup },
  { to: '/admin/company-model', textKey: 'nav.companyModel', icon: FileJson2 },
  { to: '/admin/connections', textKey: 'nav.workspaceConnections', icon: Unplug },
]

export function runsWorkspace({ role }: Pick<Account, 'role'>): boolean {
  return role === 'owner' || role === 'admin'
}

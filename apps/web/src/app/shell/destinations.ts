import { Inbox, LayoutDashboard, type LucideIcon, Plug, ScrollText } from 'lucide-react'

export type Destination = {
  readonly to: '/dashboard' | '/stories' | '/outbox' | '/connections'
  readonly textKey: 'nav.dashboard' | 'nav.stories' | 'nav.outbox' | 'nav.connections'
  readonly icon: LucideIcon
}

export const destinations: readonly Destination[] = [
  { to: '/dashboard', textKey: 'nav.dashboard', icon: LayoutDashboard },
  { to: '/stories', textKey: 'nav.stories', icon: ScrollText },
  { to: '/outbox', textKey: 'nav.outbox', icon: Inbox },
  { to: '/connections', textKey: 'nav.connections', icon: Plug },
]

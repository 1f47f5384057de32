import {
  Files,
  LayoutPanelTop,
  type LucideIcon,
  MessagesSquare,
  Settings2,
  ShoppingCart,
} from 'lucide-react'

export type ProjectTab = {
  readonly to:
    | '/projects/$projectId'
    | '/projects/$projectId/documents'
    | '/projects/$projectId/chats'
    | '/projects/$projectId/purchases'
    | '/projects/$projectId/settings'
  readonly textKey:
    | 'tab.overview'
    | 'tab.documents'
    | 'tab.chats'
    | 'tab.purchases'
    | 'tab.settings'
  readonly icon: LucideIcon
}

/** In the order of the bar. A feature adds its own here, see `projectRoute` in `lib/routes.ts`. */
export const projectTabs: readonly ProjectTab[] = [
  { to: '/projects/$projectId', textKey: 'tab.overview', icon: LayoutPanelTop },
  { to: '/projects/$projectId/documents', textKey: 'tab.documents', icon: Files },
  { to: '/projects/$projectId/chats', textKey: 'tab.chats', icon: MessagesSquare },
  { to: '/projects/$projectId/purchases', textKey: 'tab.purchases', icon: ShoppingCart },
  { to: '/projects/$projectId/settings', textKey: 'tab.settings', icon: Settings2 },
]

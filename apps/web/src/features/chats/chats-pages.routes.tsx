import { getRouteApi } from '@tanstack/react-router'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Page } from '../../ui/page.tsx'
import { ChatPage } from './chat-page.tsx'
import { ChatsPanel } from './chats-panel.tsx'
import { chatsTexts } from './chats.texts.ts'

const listRoute = getRouteApi('/member/chats')
const chatRoute = getRouteApi('/member/chats/$chatId')

export function ChatsRoute() {
  const t = useTexts(chatsTexts)
  const { search = '', archived = false } = listRoute.useSearch()
  const navigate = listRoute.useNavigate()
  return (
    <Page title={t('list.title')} lead={t('list.lead')}>
      <ChatsPanel
        search={search}
        archived={archived}
        onFilter={(filter) =>
          void navigate({
            to: '/chats',
            search: {
              search: filter.search || undefined,
              archived: filter.archived || undefined,
            },
            replace: true,
            resetScroll: false,
          })
        }
      />
    </Page>
  )
}

export function ChatRoute() {
  const { chatId } = chatRoute.useParams()
  return <ChatPage key={chatId} chatId={chatId} />
}

const projectRoute = getRouteApi('/member/projects/$projectId/chats')

export function ProjectChatsRoute() {
  const { projectId } = projectRoute.useParams()
  const { search = '', archived = false } = projectRoute.useSearch()
  const navigate = projectRoute.useNavigate()
  return (
    <ChatsPanel
      projectId={projectId}
      search={search}
      archived={archived}
      onFilter={(filter) =>
        void navigate({
          to: '/projects/$projectId/chats',
          params: { projectId },
          search: { search: filter.search || undefined, archived: filter.archived || undefined },
          replace: true,
          resetScroll: false,
        })
      }
    />
  )
}

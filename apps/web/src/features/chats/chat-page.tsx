import type { Chat } from '@studioops/contracts/chats'
import { Link, useNavigate } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useFollowedRun } from '../../lib/run-follow.ts'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { ChatMenu } from './chat-menu.tsx'
import { ChatBadges } from './chats-panel.tsx'
import { useAsk, useChat, useChatRefresh } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'
import { Composer } from './composer.tsx'
import { RunStatus } from './live-answer.tsx'
import { Thread } from './thread.tsx'
import { pathOf } from './use-thread.ts'

/** One chat, whatever its state. */
export function ChatPage({ chatId }: { readonly chatId: string }) {
  const t = useTexts(chatsTexts)
  const chat = useChat(chatId)
  const navigate = useNavigate()
  const found = chat.data
  return (
    <Page
      title={found?.title || t('list.untitled')}
      lead={
        <Link to="/chats" search={{}} className="link inline-flex items-center gap-1">
          <ChevronLeft aria-hidden className="flip size-4" />
          {t('chat.back')}
        </Link>
      }
      actions={
        found !== undefined && (
          <span className="flex items-center gap-2">
            <ChatBadges chat={found} />
            {found.isOwn && (
              <ChatMenu
                chat={found}
                label={t('chat.menu')}
                onDeleted={() => void navigate({ to: '/chats', search: {} })}
              />
            )}
          </span>
        )
      }
    >
      {found !== undefined && <OpenChat chat={found} />}
      {found === undefined && chat.isError && (
        <ProblemNotice error={chat.error} onRetry={() => void chat.refetch()} />
      )}
      {found === undefined && !chat.isError && (
        <div className="flex flex-col gap-3">
          <LoadingStatus />
          <Skeleton shape="card" count={2} />
        </div>
      )}
    </Page>
  )
}

function OpenChat({ chat }: { readonly chat: Chat }) {
  const t = useTexts(chatsTexts)
  const path = pathOf(chat)
  const refresh = useChatRefresh(chat.id)
  const ask = useAsk(chat.id)
  const last = path.at(-1)?.message
  const run = chat.isOwn ? last?.run : undefined
  const followed = useFollowedRun(run, refresh)
  const isBusy = last?.state === 'writing'
  return (
    <div className="flex flex-col gap-6">
      <RunStatus run={run} followed={followed} />
      <Thread chat={chat} path={path} followed={followed} ask={ask} />
      {chat.isOwn ? (
        <Composer chat={chat} ask={ask} isBusy={isBusy} parentId={last?.id} />
      ) : (
        <Notice>{t('shared.reader', { name: chat.ownerName ?? '' })}</Notice>
      )}
    </div>
  )
}

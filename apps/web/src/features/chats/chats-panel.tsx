import type { ChatSummary } from '@studioops/contracts/chats'
import { Link, useNavigate } from '@tanstack/react-router'
import { MessagesSquare, Pin, Plus, UsersRound } from 'lucide-react'
import { useState } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { Switch } from '../../ui/switch.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ChatMenu } from './chat-menu.tsx'
import { type ChatFilter, useChats, useCreateChat } from './chats.queries.ts'
import { chatsTexts } from './chats.texts.ts'

type Filter = Pick<ChatFilter, 'search' | 'archived'>

/** The chats of a person, or those of a project that they may read. */
export function ChatsPanel({
  projectId,
  search,
  archived,
  onFilter,
}: Filter & {
  readonly projectId?: string
  readonly onFilter: (filter: Filter) => void
}) {
  const t = useTexts(chatsTexts)
  const chats = useChats({ projectId, search, archived })
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="flex min-w-0 flex-1 flex-wrap items-end gap-4">
          <SearchField
            key={search === '' ? 'none' : 'some'}
            search={search}
            onSearch={(next) => onFilter({ search: next, archived })}
          />
          <Switch isSelected={archived} onChange={(next) => onFilter({ search, archived: next })}>
            {t('list.archived')}
          </Switch>
        </div>
        <NewChat projectId={projectId} />
      </div>
      <ChatsContent chats={chats} isFiltered={search !== '' || archived} onFilter={onFilter} />
    </div>
  )
}

function SearchField({
  search,
  onSearch,
}: {
  readonly search: string
  readonly onSearch: (search: string) => void
}) {
  const t = useTexts(chatsTexts)
  const [typed, setTyped] = useState(search)
  return (
    <form
      role="search"
      className="w-full max-w-xs"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(typed.trim())
      }}
    >
      <TextField
        label={t('list.search')}
        value={typed}
        onChange={setTyped}
        onBlur={() => onSearch(typed.trim())}
        autoComplete="off"
      />
    </form>
  )
}

function ChatsContent({
  chats,
  isFiltered,
  onFilter,
}: {
  readonly chats: ReturnType<typeof useChats>
  readonly isFiltered: boolean
  readonly onFilter: (filter: Filter) => void
}) {
  const t = useTexts(chatsTexts)
  if (chats.isPending)
    return (
      <div className="flex flex-col gap-3">
        <LoadingStatus />
        <Skeleton shape="card" count={3} />
      </div>
    )
  if (chats.isError)
    return <ProblemNotice error={chats.error} onRetry={() => void chats.refetch()} />
  if (chats.data.length > 0) return <ChatList chats={chats.data} />
  if (!isFiltered)
    return (
      <EmptyState icon={MessagesSquare} title={t('list.empty.title')}>
        {t('list.empty.text')}
      </EmptyState>
    )
  return (
    <EmptyState
      icon={MessagesSquare}
      title={t('list.none.title')}
      action={
        <Button onPress={() => onFilter({ search: '', archived: false })}>
          {t('list.none.clear')}
        </Button>
      }
    >
      {t('list.none.text')}
    </EmptyState>
  )
}

function NewChat({ projectId }: { readonly projectId: string | undefined }) {
  const t = useTexts(chatsTexts)
  const create = useCreateChat()
  const navigate = useNavigate()
  const begin = () =>
    create.mutate(
      { projectId },
      {
        onSuccess: ({ chat }) =>
          void navigate({ to: '/chats/$chatId', params: { chatId: chat.id } }),
      },
    )
  return (
    <span className="flex flex-col items-start gap-3">
      <Button
        look="primary"
        isPending={create.isPending}
        icon={<Plus className="size-4" />}
        onPress={begin}
      >
        {t('list.new')}
      </Button>
      {create.isError && <ProblemNotice error={create.error} onRetry={begin} />}
    </span>
  )
}

function ChatList({ chats }: { readonly chats: readonly ChatSummary[] }) {
  const t = useTexts(chatsTexts)
  return (
    <ul
      aria-label={t('list.label')}
      className="divide-y divide-line rounded-card border border-line bg-surface shadow-card"
    >
      {chats.map((chat) => (
        <ChatRow key={chat.id} chat={chat} />
      ))}
    </ul>
  )
}

function ChatRow({ chat }: { readonly chat: ChatSummary }) {
  const t = useTexts(chatsTexts)
  const formats = useFormats()
  const { serverNow } = useApi()
  const { updatedAt } = chat
  return (
    <li className="flex items-center gap-3 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1">
        <Link
          to="/chats/$chatId"
          params={{ chatId: chat.id }}
          className="-my-1 block py-1 font-medium wrap-anywhere hover:underline"
        >
          <bdi>{chat.title || t('list.untitled')}</bdi>
        </Link>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
          <time dateTime={updatedAt} title={formats.dateTime(updatedAt)}>
            {t('list.updated', { when: formats.relative(updatedAt, serverNow()) })}
          </time>
          {chat.ownerName !== undefined && <span>{t('list.by', { name: chat.ownerName })}</span>}
        </p>
      </div>
      <ChatBadges chat={chat} />
      {chat.isOwn && (
        <ChatMenu chat={chat} label={t('list.menu', { title: chat.title || t('list.untitled') })} />
      )}
    </li>
  )
}

export function ChatBadges({ chat }: { readonly chat: ChatSummary }) {
  const t = useTexts(chatsTexts)
  return (
    <span className="flex flex-wrap gap-2">
      {chat.isPinned && <Badge icon={Pin}>{t('badge.pinned')}</Badge>}
      {chat.isShared && (
        <Badge tone="accent" icon={UsersRound}>
          {t('badge.shared')}
        </Badge>
      )}
      {chat.isArchived && <Badge>{t('badge.archived')}</Badge>}
    </span>
  )
}

import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useApi } from '../../lib/api-context.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useRecentChats, useRecentDocuments } from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

type Props = { readonly projectId: string }

const linkClass = 'min-w-0 font-medium wrap-anywhere hover:underline'

/** The documents that changed last. */
export function RecentDocuments({ projectId }: Props) {
  const t = useTexts(projectsTexts)
  const documents = useRecentDocuments(projectId)
  return (
    <Recent query={documents} none={t('overview.documents.none')}>
      {documents.data?.map(({ id, name, updatedAt }) => (
        <Line key={id} at={updatedAt}>
          <Link
            to="/projects/$projectId/documents"
            params={{ projectId }}
            search={{ open: id }}
            className={linkClass}
          >
            <bdi>{name}</bdi>
          </Link>
        </Line>
      ))}
    </Recent>
  )
}

/** One's own chats in the project, and what others share there. */
export function RecentChats({ projectId }: Props) {
  const t = useTexts(projectsTexts)
  const chats = useRecentChats(projectId)
  return (
    <Recent query={chats} none={t('overview.chats.none')}>
      {chats.data?.map(({ id, title, updatedAt, ownerName }) => (
        <Line key={id} at={updatedAt} by={ownerName}>
          <Link to="/chats/$chatId" params={{ chatId: id }} className={linkClass}>
            <bdi>{title === '' ? t('overview.chats.untitled') : title}</bdi>
          </Link>
        </Line>
      ))}
    </Recent>
  )
}

type Query = {
  readonly isError: boolean
  readonly isFetching: boolean
  readonly error: unknown
  readonly refetch: () => unknown
  readonly data?: readonly unknown[] | undefined
}

type RecentProps = {
  readonly query: Query
  readonly none: string
  readonly children: ReactNode
}

function Recent({ query, none, children }: RecentProps) {
  if (query.data === undefined)
    return query.isError ? (
      <ProblemNotice
        error={query.error}
        isRetrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    ) : (
      <>
        <LoadingStatus />
        <Skeleton count={2} />
      </>
    )
  if (query.data.length === 0) return <p className="text-muted">{none}</p>
  return <ul className="flex flex-col gap-2">{children}</ul>
}

type LineProps = {
  readonly at: string
  readonly by?: string | undefined
  readonly children: ReactNode
}

function Line({ at, by, children }: LineProps) {
  const formats = useFormats()
  const { serverNow } = useApi()
  return (
    <li className="flex flex-wrap justify-between gap-x-4">
      {children}
      <span className="text-sm text-muted">
        {by !== undefined && (
          <>
            <bdi>{by}</bdi> ·{' '}
          </>
        )}
        <time dateTime={at} title={formats.dateTime(at)}>
          {formats.relative(at, serverNow())}
        </time>
      </span>
    </li>
  )
}

import type { BoardSummary } from '@studioops/contracts/boards'
import { Link } from '@tanstack/react-router'
import { SquareKanban } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { AsOf } from './as-of.tsx'
import { BoardGate } from './board-gate.tsx'
import { useBoards } from './boards.queries.ts'
import { boardsTexts } from './boards.texts.ts'

/** The person's boards in Trello. */
export function BoardsPage() {
  const t = useTexts(boardsTexts)
  return (
    <Page title={t('list.title')} lead={t('list.lead')}>
      <BoardsContent />
    </Page>
  )
}

function BoardsContent() {
  const t = useTexts(boardsTexts)
  const boards = useBoards()
  if (boards.data !== undefined) {
    const { boards: found, asOf, problem } = boards.data
    return (
      <div className="flex flex-col gap-4">
        <AsOf asOf={asOf} problem={problem} />
        {found.length === 0 ? (
          <EmptyState icon={SquareKanban} title={t('list.empty.title')}>
            {t('list.empty.text')}
          </EmptyState>
        ) : (
          <BoardLinks boards={found} />
        )}
      </div>
    )
  }
  if (boards.isError)
    return (
      <BoardGate
        error={boards.error}
        isRetrying={boards.isFetching}
        onRetry={() => void boards.refetch()}
      />
    )
  return (
    <div className="flex flex-col gap-3">
      <LoadingStatus />
      <Skeleton shape="card" count={2} />
    </div>
  )
}

function BoardLinks({ boards }: { readonly boards: readonly BoardSummary[] }) {
  return (
    <ul className="grid gap-4 sm:grid-cols-2">
      {boards.map(({ id, name, desc }) => (
        <li key={id}>
          <Link
            to="/boards/$boardId"
            params={{ boardId: id }}
            search={{}}
            className="flex h-full min-h-24 flex-col gap-1 rounded-card border border-line bg-surface p-5 shadow-card hover:bg-hover"
          >
            <span className="text-lg font-semibold wrap-anywhere">
              <bdi>{name}</bdi>
            </span>
            {desc !== '' && (
              <span className="text-muted wrap-anywhere">
                <bdi>{desc}</bdi>
              </span>
            )}
          </Link>
        </li>
      ))}
    </ul>
  )
}

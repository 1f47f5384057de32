import type { BoardChange, BoardView } from '@studioops/contracts/boards'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { buttonClass } from '../../ui/button-class.ts'
import { Button } from '../../ui/button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useToast } from '../../ui/toast.tsx'
import { AsOf } from './as-of.tsx'
import { BoardGate } from './board-gate.tsx'
import { BoardLists } from './board-lists.tsx'
import { changesOf, overlay } from './board-overlay.ts'
import {
  type Prepared,
  useBoard,
  usePrepare,
  useRefreshBoard,
  useSendChanges,
} from './boards.queries.ts'
import { boardsTexts } from './boards.texts.ts'
import { CardDialog } from './card-dialog.tsx'
import { DraftTray } from './draft-tray.tsx'
import { PendingList } from './pending-list.tsx'

type BoardPageProps = {
  readonly boardId: string
  /** The card that is open. */
  readonly cardId: string | undefined
  readonly onCard: (cardId: string | undefined) => void
}

/** One board with its lists and cards, live or as Trello last told it. */
export function BoardPage(props: BoardPageProps) {
  const t = useTexts(boardsTexts)
  const { data } = useBoard(props.boardId)
  return (
    <Page
      width="full"
      title={data?.board.name ?? t('board.title')}
      actions={<BoardActions {...props} />}
    >
      <BoardContent {...props} />
    </Page>
  )
}

function BoardActions({ boardId }: BoardPageProps) {
  const t = useTexts(boardsTexts)
  const refresh = useRefreshBoard(boardId)
  return (
    <>
      <Link to="/boards" className={buttonClass()}>
        <ArrowLeft aria-hidden className="flip size-4" />
        {t('board.back')}
      </Link>
      <Button
        isPending={refresh.isPending}
        icon={<RotateCw aria-hidden className="size-4" />}
        onPress={() => refresh.mutate(undefined)}
      >
        {t('board.refresh')}
      </Button>
    </>
  )
}

function BoardContent(props: BoardPageProps) {
  const board = useBoard(props.boardId)
  // A board that is closed by now is not shown any longer, whatever was read before.
  if (board.data !== undefined && !board.isError) return <OpenBoard view={board.data} {...props} />
  if (board.isError)
    return (
      <BoardGate
        error={board.error}
        isRetrying={board.isFetching}
        onRetry={() => void board.refetch()}
      />
    )
  return (
    <div className="flex flex-col gap-3">
      <LoadingStatus />
      <Skeleton shape="card" count={2} />
    </div>
  )
}

function OpenBoard({
  view,
  boardId,
  cardId,
  onCard,
}: BoardPageProps & { readonly view: BoardView }) {
  const t = useTexts(boardsTexts)
  const { board, asOf, problem } = view
  const work = useDrafts(boardId)
  const lists = overlay(
    board,
    changesOf(
      view,
      work.drafts.map(({ change, draft }) => ({ id: draft.id, change })),
    ),
  )
  const open = lists.flatMap(({ cards }) => cards).find(({ id }) => id === cardId)
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <AsOf asOf={asOf} problem={problem} />
        <OutsideLink href={board.url}>{t('board.inTrello')}</OutsideLink>
      </div>
      {work.problem !== null && <ProblemNotice error={work.problem} />}
      <PendingList view={view} />
      <BoardLists board={board} lists={lists} onChange={work.prepare} onOpen={onCard} />
      <DraftTray
        drafts={work.drafts}
        isSending={work.isSending}
        error={work.sendError}
        onSend={work.send}
        onDiscard={work.discard}
      />
      {cardId !== undefined && (
        <CardDialog
          key={cardId}
          board={board}
          card={open}
          lists={lists}
          onChange={(change) => {
            work.prepare(change)
            onCard(undefined)
          }}
          onClose={() => onCard(undefined)}
        />
      )}
    </div>
  )
}

/** Changes that are prepared and shown, until one click sends them. */
function useDrafts(boardId: string) {
  const t = useTexts(boardsTexts)
  const toast = useToast()
  const [drafts, setDrafts] = useState<readonly Prepared[]>([])
  const preparation = usePrepare(boardId)
  const drop = (id?: string) =>
    setDrafts((all) => (id === undefined ? [] : all.filter(({ draft }) => draft.id !== id)))
  const sending = useSendChanges(boardId, drop)
  return {
    drafts,
    problem: preparation.error,
    isSending: sending.isPending,
    sendError: sending.error,
    discard: drop,
    prepare: (change: BoardChange) =>
      preparation.mutate(change, {
        onSuccess: (prepared) => setDrafts((all) => [...without(all, change), prepared]),
      }),
    send: () => sending.mutate(drafts, { onSuccess: () => toast({ text: t('sent') }) }),
  }
}

/** A second move, or a second tick of the same item, takes the place of the first. */
function without(drafts: readonly Prepared[], change: BoardChange): readonly Prepared[] {
  return drafts.filter(({ change: other }) => {
    if (other.type !== change.type || other.type === 'add-card' || change.type === 'add-card')
      return true
    if (other.cardId !== change.cardId) return true
    if (other.type === 'tick-item' && change.type === 'tick-item')
      return other.itemId !== change.itemId
    return !['move-card', 'edit-card', 'archive-card'].includes(change.type)
  })
}

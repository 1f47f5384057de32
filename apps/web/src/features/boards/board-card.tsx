import type { Board } from '@studioops/contracts/boards'
import { CalendarClock, ListChecks, type LucideIcon, MessageSquare, Paperclip } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { classNames } from '../../lib/class-names.ts'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import type { ShownCard } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'
import { ChangeBadge } from './change-badge.tsx'
import { LabelSign } from './label-sign.tsx'

/** What a card shows of itself in its list. */
export function BoardCardFace({
  card,
  board,
}: {
  readonly card: ShownCard
  readonly board: Board
}) {
  const labels = board.labels.filter(({ id }) => card.labelIds.includes(id))
  const members = board.members.filter(({ id }) => card.memberIds.includes(id))
  const states = [...new Set(card.changes.map(({ state }) => state))]
  return (
    <span className="flex min-w-0 flex-col gap-2">
      {labels.length > 0 && (
        <span className="flex flex-wrap gap-1">
          {labels.map((label) => (
            <LabelSign key={label.id} label={label} />
          ))}
        </span>
      )}
      <bdi className="font-medium wrap-anywhere">{card.name}</bdi>
      <CardSigns card={card} />
      {members.length > 0 && (
        <span className="text-sm text-muted">
          {members.map(({ id, name }, index) => (
            <span key={id}>
              {index > 0 && ', '}
              <bdi>{name}</bdi>
            </span>
          ))}
        </span>
      )}
      {states.length > 0 && (
        <span className="flex flex-wrap gap-1">
          {states.map((state) => (
            <ChangeBadge key={state} state={state} />
          ))}
        </span>
      )}
    </span>
  )
}

function CardSigns({ card }: { readonly card: ShownCard }) {
  const t = useTexts(boardsTexts)
  const { number } = useFormats()
  const items = card.checklists.flatMap((checklist) => checklist.items)
  const done = items.filter(({ isDone }) => isDone).length
  const { commentCount, attachmentCount } = card
  const isBare = card.due === undefined && items.length + commentCount + attachmentCount === 0
  if (isBare) return undefined
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-1 text-sm text-muted">
      <DueSign card={card} />
      {items.length > 0 && (
        <Sign icon={ListChecks} label={t('card.items', { done, all: items.length })}>
          {`${number(done)}/${number(items.length)}`}
        </Sign>
      )}
      {commentCount > 0 && (
        <Sign icon={MessageSquare} label={t('card.comments', { count: commentCount })}>
          {number(commentCount)}
        </Sign>
      )}
      {attachmentCount > 0 && (
        <Sign icon={Paperclip} label={t('card.attachments', { count: attachmentCount })}>
          {number(attachmentCount)}
        </Sign>
      )}
    </span>
  )
}

function DueSign({ card: { due, isDueDone } }: { readonly card: ShownCard }) {
  const t = useTexts(boardsTexts)
  const formats = useFormats()
  const [now] = useState(Date.now)
  if (due === undefined) return undefined
  const date = formats.date(due)
  const isOverdue = !isDueDone && Date.parse(due) < now
  const key = isDueDone ? 'card.dueDone' : isOverdue ? 'card.overdue' : 'card.due'
  return (
    <span className={classNames('inline-flex items-center gap-1', isOverdue && 'text-bad-ink')}>
      <CalendarClock aria-hidden className="size-4 shrink-0" />
      {t(key, { date })}
    </span>
  )
}

function Sign({
  icon: Icon,
  label,
  children,
}: {
  readonly icon: LucideIcon
  readonly label: string
  readonly children: ReactNode
}) {
  return (
    <span className="inline-flex items-center gap-1">
      <Icon aria-hidden className="size-4 shrink-0" />
      <bdi aria-hidden>{children}</bdi>
      <span className="sr-only">{label}</span>
    </span>
  )
}

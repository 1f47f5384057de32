import type { Board, BoardChange } from '@studioops/contracts/boards'
import { Archive, PencilLine } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Bdi } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import type { ShownCard, ShownList } from './board-overlay.ts'
import { boardsTexts } from './boards.texts.ts'
import { CardChecklists } from './card-checklists.tsx'
import { CardComments } from './card-comments.tsx'
import { CardEditForm } from './card-edit-form.tsx'
import { CardMoveForm } from './card-move-form.tsx'
import { Part } from './card-part.tsx'
import { ChangeBadge } from './change-badge.tsx'
import { LabelSign } from './label-sign.tsx'

type CardDialogProps = {
  readonly board: Board
  /** Undefined for one that is not on the board any more. */
  readonly card: ShownCard | undefined
  readonly lists: readonly ShownList[]
  readonly onChange: (change: BoardChange) => void
  readonly onClose: () => void
}

/** Everything of one card; whatever is done to it is prepared and then shown in the tray. */
export function CardDialog({ card, onClose, ...rest }: CardDialogProps) {
  const t = useTexts(boardsTexts)
  return (
    <Dialog
      isOpen
      width="wide"
      title={card === undefined ? t('board.title') : <Bdi>{card.name}</Bdi>}
      onClose={onClose}
    >
      {card === undefined ? <p>{t('dialog.gone')}</p> : <OpenCard card={card} {...rest} />}
    </Dialog>
  )
}

type OpenCardProps = Omit<CardDialogProps, 'card' | 'onClose'> & { readonly card: ShownCard }

function OpenCard({ board, card, lists, onChange }: OpenCardProps) {
  const t = useTexts(boardsTexts)
  const [isEditing, setIsEditing] = useState(false)
  return (
    <div className="flex flex-col gap-6">
      {card.changes.length > 0 && (
        <p className="flex flex-wrap gap-1">
          {card.changes.map(({ id, state }) => (
            <ChangeBadge key={id} state={state} />
          ))}
        </p>
      )}
      <CardFacts board={board} card={card} />
      {isEditing ? (
        <CardEditForm card={card} onChange={onChange} onCancel={() => setIsEditing(false)} />
      ) : (
        <Part title={t('dialog.desc')}>
          {card.desc === '' ? (
            <p className="text-muted">{t('dialog.noDesc')}</p>
          ) : (
            <Markdown text={card.desc} headingLevel={4} codeLabel={t('dialog.code')} />
          )}
        </Part>
      )}
      <CardChecklists card={card} onChange={onChange} />
      <CardComments boardId={board.id} card={card} onChange={onChange} />
      <CardMoveForm card={card} lists={lists} onChange={onChange} />
      <div className="flex flex-wrap items-center gap-2">
        {!isEditing && (
          <Button
            icon={<PencilLine aria-hidden className="size-4" />}
            onPress={() => setIsEditing(true)}
          >
            {t('dialog.edit')}
          </Button>
        )}
        <Button
          icon={<Archive aria-hidden className="size-4" />}
          onPress={() => onChange({ type: 'archive-card', cardId: card.id })}
        >
          {t('dialog.archive')}
        </Button>
        <OutsideLink href={card.url}>{t('board.inTrello')}</OutsideLink>
      </div>
    </div>
  )
}

function CardFacts({ board, card }: { readonly board: Board; readonly card: ShownCard }) {
  const t = useTexts(boardsTexts)
  const labels = board.labels.filter(({ id }) => card.labelIds.includes(id))
  const members = board.members.filter(({ id }) => card.memberIds.includes(id))
  return (
    <>
      {labels.length > 0 && (
        <Part title={t('dialog.labels')}>
          <p className="flex flex-wrap gap-1">
            {labels.map((label) => (
              <LabelSign key={label.id} label={label} />
            ))}
          </p>
        </Part>
      )}
      {members.length > 0 && (
        <Part title={t('dialog.members')}>
          <ul className="flex flex-wrap gap-x-4">
            {members.map(({ id, name }) => (
              <li key={id}>
                <Bdi>{name}</Bdi>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </>
  )
}

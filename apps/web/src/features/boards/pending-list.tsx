import type { BoardView } from '@studioops/contracts/boards'
import { Link } from '@tanstack/react-router'
import { Undo2 } from 'lucide-react'
import { useId } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { buttonClass } from '../../ui/button-class.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useToast } from '../../ui/toast.tsx'
import { changesOf } from './board-overlay.ts'
import { useUndo } from './boards.queries.ts'
import { boardsTexts } from './boards.texts.ts'
import { ChangeBadge } from './change-badge.tsx'

/** Own changes that are on their way, each with its state, and a way back while nothing was sent. */
export function PendingList({ view }: { readonly view: BoardView }) {
  const t = useTexts(boardsTexts)
  const toast = useToast()
  const headingId = useId()
  const undo = useUndo(view.board.id)
  const changes = changesOf(view, []).filter(({ state }) => state !== 'done')
  if (changes.length === 0) return undefined
  const titleOf = (id: string) =>
    view.pending.find(({ operation }) => operation.id === id)?.operation.title ?? ''
  return (
    <section aria-labelledby={headingId} className="flex flex-col gap-2">
      <h2 id={headingId} className="font-semibold">
        {t('pending.title')}
      </h2>
      <ul className="flex flex-col gap-2">
        {changes.map(({ id, change, state }) => (
          <li
            key={id}
            className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-field border border-line bg-surface px-3 py-2"
          >
            <ChangeBadge state={state} />
            <span className="min-w-0 flex-1">
              <span className="text-muted">{t(`change.${change.type}`)}</span>{' '}
              <bdi className="wrap-anywhere">{titleOf(id)}</bdi>
            </span>
            {(state === 'planned' || state === 'waiting') && (
              <Button
                size="small"
                icon={<Undo2 aria-hidden className="flip size-4" />}
                aria-label={t('pending.undo.of', { title: titleOf(id) })}
                onPress={() => undo.mutate(id, { onSuccess: () => toast({ text: t('undone') }) })}
              >
                {t('pending.undo')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {undo.isError && <ProblemNotice error={undo.error} />}
      <div>
        <Link to="/outbox" className={buttonClass({ size: 'small' })}>
          {t('pending.outbox')}
        </Link>
      </div>
    </section>
  )
}

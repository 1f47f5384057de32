import { Trash2 } from 'lucide-react'
import { useId } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { boardsTexts } from './boards.texts.ts'
import type { Prepared } from './boards.queries.ts'

/** Exactly what will be sent, and the one click that sends it (D-25). */
export function DraftTray({
  drafts,
  isSending,
  error,
  onSend,
  onDiscard,
}: {
  readonly drafts: readonly Prepared[]
  readonly isSending: boolean
  readonly error: unknown
  readonly onSend: () => void
  /** Without an id: all of them. */
  readonly onDiscard: (id?: string) => void
}) {
  const t = useTexts(boardsTexts)
  const headingId = useId()
  if (drafts.length === 0) return undefined
  return (
    <section
      aria-labelledby={headingId}
      className="sticky bottom-20 z-20 flex max-h-[60dvh] flex-col gap-3 overflow-y-auto rounded-card border border-accent-line bg-raised p-4 shadow-float md:bottom-4"
    >
      <div>
        <h2 id={headingId} className="font-semibold">
          {t('tray.title')}
        </h2>
        <p role="status" className="text-sm text-muted">
          {t('tray.text')}
        </p>
      </div>
      <ul className="flex flex-col gap-2">
        {drafts.map((prepared) => (
          <DraftRow key={prepared.draft.id} prepared={prepared} onDiscard={onDiscard} />
        ))}
      </ul>
      {error !== null && error !== undefined && <ProblemNotice error={error} />}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" isPending={isSending} onPress={onSend}>
          {t('tray.send', { count: drafts.length })}
        </Button>
        <Button isDisabled={isSending} onPress={() => onDiscard()}>
          {t('tray.discardAll')}
        </Button>
      </div>
    </section>
  )
}

function DraftRow({
  prepared: { change, draft },
  onDiscard,
}: {
  readonly prepared: Prepared
  readonly onDiscard: (id: string) => void
}) {
  const t = useTexts(boardsTexts)
  return (
    <li className="flex items-start justify-between gap-2 rounded-field border border-line bg-surface p-3">
      <div className="min-w-0 flex-1">
        <p className="text-sm">
          <span className="text-muted">{t(`change.${change.type}`)}</span>{' '}
          <bdi className="font-medium wrap-anywhere">{draft.title}</bdi>
        </p>
        <pre dir="ltr" className="mt-1 text-xs wrap-anywhere whitespace-pre-wrap text-muted">
          {JSON.stringify(draft.payload, undefined, 1)}
        </pre>
      </div>
      <IconButton
        size="small-icon"
        label={t('tray.discard', { title: draft.title })}
        icon={<Trash2 aria-hidden className="size-4" />}
        onPress={() => onDiscard(draft.id)}
      />
    </li>
  )
}

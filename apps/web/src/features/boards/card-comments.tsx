import type { BoardChange } from '@studioops/contracts/boards'
import { useState } from 'react'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Bdi } from '../../ui/bdi.tsx'
import { Button } from '../../ui/button.tsx'
import { Markdown } from '../../ui/markdown.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { TextArea } from '../../ui/text-area.tsx'
import { AsOf } from './as-of.tsx'
import type { ShownCard } from './board-overlay.ts'
import { useComments } from './boards.queries.ts'
import { boardsTexts } from './boards.texts.ts'
import { Part } from './card-part.tsx'

/** What people said about a card, newest first, and a field for saying more. */
export function CardComments({
  boardId,
  card,
  onChange,
}: {
  readonly boardId: string
  readonly card: ShownCard
  readonly onChange: (change: BoardChange) => void
}) {
  const t = useTexts(boardsTexts)
  const [text, setText] = useState('')
  const clean = text.trim()
  return (
    <Part title={t('dialog.comments')}>
      <CommentList boardId={boardId} cardId={card.id} />
      <form
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (clean !== '') onChange({ type: 'comment', cardId: card.id, text: clean })
        }}
      >
        <TextArea label={t('dialog.comment')} value={text} onChange={setText} rows={2} />
        <div>
          <Button type="submit" isDisabled={clean === ''}>
            {t('dialog.comment.submit')}
          </Button>
        </div>
      </form>
    </Part>
  )
}

function CommentList({ boardId, cardId }: { readonly boardId: string; readonly cardId: string }) {
  const t = useTexts(boardsTexts)
  const { dateTime } = useFormats()
  const comments = useComments(boardId, cardId)
  if (comments.isPending)
    return (
      <>
        <LoadingStatus />
        <Skeleton count={2} />
      </>
    )
  if (comments.isError) return <ProblemNotice error={comments.error} tone="warn" />
  const { comments: found, asOf, problem } = comments.data
  return (
    <>
      {problem !== undefined && <AsOf asOf={asOf} problem={problem} />}
      {found.length === 0 && <p className="text-muted">{t('dialog.noComments')}</p>}
      <ul className="flex flex-col gap-3">
        {found.map(({ id, author, text, at }) => (
          <li key={id} className="rounded-field border border-line bg-sunken px-3 py-2">
            <p className="flex flex-wrap gap-x-2 text-sm text-muted">
              <Bdi>{author}</Bdi>
              <Bdi>{dateTime(at)}</Bdi>
            </p>
            <Markdown text={text} headingLevel={4} codeLabel={t('dialog.code')} />
          </li>
        ))}
      </ul>
    </>
  )
}

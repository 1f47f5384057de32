import { type SyntheticEvent, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus } from '../../ui/skeleton.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { usePassages } from './documents.queries.ts'
import { documentsTexts } from './documents.texts.ts'

type Props = {
  readonly projectId: string
  /** Empty: nothing was asked. */
  readonly question: string
  readonly onAsk: (question: string) => void
  readonly onOpen: (documentId: string) => void
}

/** Passages of all documents that have words of a question. */
export function FindInDocuments({ projectId, question, onAsk, onOpen }: Props) {
  const t = useTexts(documentsTexts)
  const [typed, setTyped] = useState(question)
  const submit = (event: SyntheticEvent) => {
    event.preventDefault()
    onAsk(typed.trim())
  }
  return (
    <section aria-label={t('find.title')} className="flex flex-col gap-3">
      <form role="search" className="flex flex-wrap items-end gap-3" onSubmit={submit}>
        <div className="min-w-0 flex-1 basis-64">
          <TextField label={t('find.title')} value={typed} onChange={setTyped} />
        </div>
        <Button type="submit">{t('find.submit')}</Button>
      </form>
      {question !== '' && <Passages projectId={projectId} question={question} onOpen={onOpen} />}
    </section>
  )
}

function Passages({ projectId, question, onOpen }: Omit<Props, 'onAsk'>) {
  const t = useTexts(documentsTexts)
  const found = usePassages(projectId, question)
  if (found.isError)
    return <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />
  if (found.data === undefined) return <LoadingStatus />
  const { passages } = found.data
  if (passages.length === 0) return <p role="status">{t('find.none')}</p>
  return (
    <ol className="flex flex-col gap-2">
      {passages.map(({ documentId, ordinal, name, page, headings, text }) => (
        <li
          key={`${documentId} ${ordinal}`}
          className="rounded-card border border-line bg-surface p-4"
        >
          <p className="flex flex-wrap gap-x-3 text-sm">
            <button
              type="button"
              className="cursor-pointer text-start font-semibold wrap-anywhere hover:underline"
              onClick={() => onOpen(documentId)}
            >
              <bdi>{name}</bdi>
            </button>
            {page !== undefined && <span className="text-muted">{t('find.page', { page })}</span>}
            {headings.length > 0 && <bdi className="text-muted">{headings.join(' › ')}</bdi>}
          </p>
          <p dir="auto" className="mt-1 line-clamp-4 wrap-anywhere whitespace-pre-line">
            {text}
          </p>
        </li>
      ))}
    </ol>
  )
}

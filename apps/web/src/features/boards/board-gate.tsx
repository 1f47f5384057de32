import { Link } from '@tanstack/react-router'
import { SquareKanban } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { problemOf } from '../../lib/problem.ts'
import { buttonClass } from '../../ui/button-class.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { boardsTexts } from './boards.texts.ts'

/** Why boards cannot be shown: Trello is not connected, or something else. */
export function BoardGate({
  error,
  isRetrying,
  onRetry,
}: {
  readonly error: unknown
  readonly isRetrying: boolean
  readonly onRetry: () => void
}) {
  const t = useTexts(boardsTexts)
  if (problemOf(error)?.code !== 'feature.closed')
    return <ProblemNotice error={error} isRetrying={isRetrying} onRetry={onRetry} />
  return (
    <EmptyState
      icon={SquareKanban}
      title={t('gate.title')}
      action={
        <Link to="/connections" hash="trello" className={buttonClass({ look: 'primary' })}>
          {t('gate.action')}
        </Link>
      }
    >
      {t('gate.text')}
    </EmptyState>
  )
}

import { useDashboard } from '../../lib/dashboard.queries.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { appTexts } from '../app.texts.ts'

/** How many writes wait; nothing while none does. */
export function OutboxCount() {
  const t = useTexts(appTexts)
  const { data } = useDashboard()
  if (data === undefined || data.outboxOpen === 0) return undefined
  return (
    <span className="grid min-w-5.5 place-items-center rounded-full bg-warn-soft px-1.5 text-sm font-semibold text-warn-ink tabular-nums">
      <span aria-hidden>{data.outboxOpen}</span>
      <span className="sr-only">{t('nav.outbox.waits', { count: data.outboxOpen })}</span>
    </span>
  )
}

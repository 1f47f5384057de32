import type { Problem } from '@studioops/contracts/problem'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { boardsTexts } from './boards.texts.ts'

/** When Trello said what is shown, and loudly where it says nothing now (D-10). */
export function AsOf({
  asOf,
  problem,
}: {
  readonly asOf: string
  readonly problem?: Problem | undefined
}) {
  const t = useTexts(boardsTexts)
  const { time } = useFormats()
  if (problem === undefined)
    return <p className="text-sm text-muted">{t('asOf.fresh', { time: time(asOf) })}</p>
  return (
    <Notice role="status" tone="warn">
      {t('asOf.stale', { time: time(asOf) })}
    </Notice>
  )
}

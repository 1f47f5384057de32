import type { ConnectionState } from '@studioops/contracts/connections'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ConnectionBadge } from './connection-badge.tsx'
import { connectionsTexts } from './connections.texts.ts'

type Standing = {
  readonly state: ConnectionState
  readonly lastPassedAt?: string | undefined
  readonly failingSince?: string | undefined
}

/** Name of a connection, how it stands and since when, and what it opens. */
export function SectionHeader({
  id,
  title,
  hint,
  opens,
  standing,
}: {
  readonly id: string
  readonly title: string
  readonly hint: string
  readonly opens: string
  readonly standing: Standing
}) {
  return (
    <header className="mb-5">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        <ConnectionBadge state={standing.state} />
      </div>
      <p className="mt-1 text-muted">{hint}</p>
      <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-muted">
        <span>{opens}</span>
        <Since standing={standing} />
      </p>
    </header>
  )
}

function Since({
  standing: { state, lastPassedAt, failingSince },
}: {
  readonly standing: Standing
}) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  if (state === 'failing' && failingSince !== undefined)
    return <span>{t('failingSince', { date: formats.dateTime(failingSince) })}</span>
  if (lastPassedAt !== undefined)
    return <span>{t('passedAt', { date: formats.dateTime(lastPassedAt) })}</span>
  return undefined
}

import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { ConnectionBadge } from './connection-badge.tsx'
import { connectionsTexts } from './connections.texts.ts'
import type { Standing } from './section-frame.tsx'

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
      <Identity standing={standing} />
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

/** Whom the system takes one for, and whether that is the person whom the others know (CFG-16). */
function Identity({ standing: { state, identity } }: { readonly standing: Standing }) {
  if (identity === undefined || identity.name === '') return undefined
  if (state !== 'passed' && state !== 'unverified') return undefined
  return (
    <p className="mt-1 text-sm text-muted">
      <RichText
        texts={connectionsTexts}
        textKey={`identity.${identity.verdict}`}
        values={{ name: identity.name }}
        parts={{ b: <bdi className="font-medium text-ink" /> }}
      />
    </p>
  )
}

import type { DegradationReason } from '@studioops/contracts/health'
import { OctagonAlert, TriangleAlert } from 'lucide-react'
import type { TextKey } from '../../lib/i18n/define-texts.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useSystemStatus } from '../../lib/status.queries.ts'
import { statusTexts } from './status.texts.ts'

/** What does not work at the moment, and what that means; nothing while all is well (HLT-8). */
export function StatusBanner() {
  const t = useTexts(statusTexts)
  const { data: status } = useSystemStatus()
  const keys = textKeysOf(status?.reasons ?? [])
  const isGrave = status?.level === 'CRITICAL' || status?.level === 'OFFLINE'
  const Icon = isGrave ? OctagonAlert : TriangleAlert
  const colors = isGrave
    ? 'border-bad-line bg-bad-soft text-bad-ink'
    : 'border-warn-line bg-warn-soft text-warn-ink'
  return (
    <div role="status">
      {keys.length > 0 && (
        <div
          className={`flex items-center justify-center gap-2 border-b px-4 py-2 text-sm font-medium ${colors}`}
        >
          <Icon aria-hidden className="size-4 shrink-0" />
          <ul>
            {keys.map((key) => (
              <li key={key}>{t(key)}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

type Key = TextKey<(typeof statusTexts)['en']>

function textKeysOf(reasons: readonly DegradationReason[]): readonly Key[] {
  const isWithoutModels = reasons.some(({ code }) => code === 'models.all-down')
  const told = reasons.filter(({ code, kind }) => {
    const isService = code === 'service.down' || code === 'service.slow'
    return !(isWithoutModels && isService && kind === 'model')
  })
  return [...new Set(told.flatMap(textKeyOf))]
}

function textKeyOf({ code, kind }: DegradationReason): readonly Key[] {
  if (code !== 'service.down' && code !== 'service.slow') return [code]
  const key = `${kind}.${code === 'service.down' ? 'down' : 'slow'}`
  return isKey(key) ? [key] : []
}

function isKey(key: string): key is Key {
  return key in statusTexts.en
}

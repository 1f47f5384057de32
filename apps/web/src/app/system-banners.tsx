import { DatabaseZap, KeyRound, type LucideIcon, WifiOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { useInstallation } from '../lib/installation.queries.ts'
import { useIsServerReachable } from '../lib/reachability.ts'
import { appTexts } from './app.texts.ts'
import { useReconnect } from './reconnect.queries.ts'

/** What everybody has to know about the whole installation; nothing while all is well. */
export function SystemBanners() {
  const t = useTexts(appTexts)
  const isReachable = useIsServerReachable()
  const { data: installation } = useInstallation()
  useReconnect(!isReachable)
  return (
    <div role="status">
      {!isReachable && <Banner icon={WifiOff}>{t('unreachable')}</Banner>}
      {installation?.lockedKeys !== undefined && (
        <Banner icon={KeyRound}>
          {t('locked', {
            wanted: installation.lockedKeys.wanted,
            present: installation.lockedKeys.present ?? '–',
          })}
        </Banner>
      )}
      {installation?.evaluationDatabase === true && (
        <Banner icon={DatabaseZap}>{t('evaluation')}</Banner>
      )}
    </div>
  )
}

function Banner({
  icon: Icon,
  children,
}: {
  readonly icon: LucideIcon
  readonly children: ReactNode
}) {
  return (
    <p className="flex items-center justify-center gap-2 border-b border-warn-line bg-warn-soft px-4 py-2 text-sm font-medium text-warn-ink">
      <Icon aria-hidden className="size-4 shrink-0" />
      <span>{children}</span>
    </p>
  )
}

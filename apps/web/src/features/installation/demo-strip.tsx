import { FlaskConical } from 'lucide-react'
import { lazy, useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { useAccount } from '../../lib/session.queries.ts'
import { WhenIdle } from '../../ui/when-idle.tsx'
import { DemoButtons, type DemoControl } from './demo-buttons.tsx'
import { installationTexts } from './installation.texts.ts'

const DemoControls = lazy(async () => {
  const { DemoControls: controls } = await import('./demo-controls.tsx')
  return { default: controls }
})

/** On every page of a demo, so that nobody takes it for the real thing. */
export function DemoStrip() {
  const t = useTexts(installationTexts)
  const { data: installation } = useInstallation()
  const account = useAccount()
  const [pressed, setPressed] = useState<DemoControl>()
  if (installation?.mode !== 'demo') return undefined
  return (
    <aside
      id="demo-strip"
      aria-label={t('strip.short')}
      className="sticky top-0 z-30 flex min-h-(--strip-height) flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-accent-line bg-accent-soft px-4 py-1.5 text-accent-ink sm:px-6"
    >
      <p className="flex items-center gap-2 font-medium">
        <FlaskConical aria-hidden className="size-4 shrink-0" />
        <span className="max-sm:hidden">{t('strip')}</span>
        <span className="sm:hidden">{t('strip.short')}</span>
      </p>
      <div className="flex min-h-8 items-center gap-1 max-md:min-h-11">
        <WhenIdle
          fallback={(want) => (
            <DemoButtons
              isSignedIn={account !== undefined}
              onPress={(control) => {
                setPressed(control)
                want()
              }}
            />
          )}
        >
          {() => <DemoControls isSignedIn={account !== undefined} openAtFirst={pressed} />}
        </WhenIdle>
      </div>
    </aside>
  )
}

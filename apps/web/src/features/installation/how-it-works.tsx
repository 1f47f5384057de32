import { CircleCheck, PenLine, Send, Sparkles, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Code } from '../../ui/code.tsx'
import { installationTexts } from './installation.texts.ts'

/** The main job in three pictures, drawn in the page's own language. */
export function HowItWorks() {
  const t = useTexts(installationTexts)
  return (
    <section aria-labelledby="how" className="mt-14">
      <h2 id="how" className="text-sm font-semibold text-muted">
        {t('welcome.how')}
      </h2>
      <ol className="mt-3 grid gap-4 md:grid-cols-3">
        <Picture icon={PenLine} caption={t('welcome.how.write')}>
          <p>{t('welcome.how.write.sample')}</p>
        </Picture>
        <Picture icon={Sparkles} caption={t('welcome.how.draft')}>
          <p className="font-semibold">{t('welcome.how.draft.sample')}</p>
          <p className="mt-1 text-sm text-muted">{t('welcome.how.draft.criteria')}</p>
        </Picture>
        <Picture icon={Send} caption={t('welcome.how.file')}>
          <p className="flex flex-wrap items-center gap-2 font-semibold text-good-ink">
            <CircleCheck aria-hidden className="size-5" />
            <Code>PAY-412</Code>
          </p>
          <p className="mt-1 text-sm text-muted">{t('welcome.how.draft.sample')}</p>
        </Picture>
      </ol>
    </section>
  )
}

function Picture({
  icon: Icon,
  caption,
  children,
}: {
  readonly icon: LucideIcon
  readonly caption: string
  readonly children: ReactNode
}) {
  return (
    <li className="flex flex-col gap-3">
      <p className="flex items-center gap-2 font-medium">
        <Icon aria-hidden className="size-4.5 text-accent-ink" />
        {caption}
      </p>
      <div aria-hidden className="flex-1 rounded-card border border-line bg-sunken px-4 py-3">
        {children}
      </div>
    </li>
  )
}

import { Link, Navigate, useNavigate } from '@tanstack/react-router'
import { FlaskConical, PlugZap } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useInstallation } from '../../lib/installation.queries.ts'
import { Button } from '../../ui/button.tsx'
import { buttonClass } from '../../ui/button-class.ts'
import { useDocumentTitle } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { HowItWorks } from './how-it-works.tsx'
import { useStartDemo } from './installation.queries.ts'
import { installationTexts } from './installation.texts.ts'

/** The first page of a new installation: two ways to begin. */
export function WelcomePage() {
  const t = useTexts(installationTexts)
  const { data: installation } = useInstallation()
  useDocumentTitle('')
  if (installation !== undefined && installation.mode !== 'new') return <Navigate to="/" replace />
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-6 pb-16 sm:px-8 sm:pt-12">
      <h1 tabIndex={-1} className="max-w-3xl text-3xl font-bold sm:text-5xl">
        {t('welcome.title')}
      </h1>
      <p className="mt-4 max-w-2xl text-lg text-muted">{t('welcome.lead')}</p>
      <div className="mt-8 grid gap-4 md:grid-cols-2">
        <OwnWay />
        <DemoWay />
      </div>
      <HowItWorks />
    </div>
  )
}

const wayClass =
  'flex flex-col items-start gap-2 rounded-card border border-line bg-surface p-6 shadow-card'

function OwnWay() {
  const t = useTexts(installationTexts)
  return (
    <section aria-labelledby="own-way" className={wayClass}>
      <PlugZap aria-hidden className="size-7 text-accent-ink" strokeWidth={1.75} />
      <h2 id="own-way" className="mt-1 text-lg font-semibold">
        {t('welcome.own.title')}
      </h2>
      <p className="text-muted">{t('welcome.own.text')}</p>
      <div className="mt-auto flex flex-wrap items-center gap-x-4 gap-y-2 pt-4">
        <Link to="/register" className={buttonClass({ look: 'primary' })}>
          {t('welcome.own.action')}
        </Link>
        <Link to="/register/local" className="link">
          {t('welcome.own.without')}
        </Link>
      </div>
    </section>
  )
}

function DemoWay() {
  const t = useTexts(installationTexts)
  const navigate = useNavigate()
  const start = useStartDemo()
  const open = () =>
    start.mutate(undefined, { onSuccess: () => void navigate({ to: '/register' }) })
  return (
    <section aria-labelledby="demo-way" className={wayClass}>
      <FlaskConical aria-hidden className="size-7 text-accent-ink" strokeWidth={1.75} />
      <h2 id="demo-way" className="mt-1 text-lg font-semibold">
        {t('welcome.demo.title')}
      </h2>
      <p className="text-muted">
        {t('welcome.demo.text')} {t('welcome.demo.leave')}
      </p>
      {start.isError && <ProblemNotice error={start.error} onRetry={open} />}
      <div className="mt-auto pt-4">
        <Button isPending={start.isPending} onPress={open}>
          {t('welcome.demo.action')}
        </Button>
      </div>
    </section>
  )
}

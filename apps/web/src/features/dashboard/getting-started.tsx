import type { Feature } from '@studioops/contracts/connections'
import { Link } from '@tanstack/react-router'
import { Check, X } from 'lucide-react'
import { useState } from 'react'
import { classNames } from '../../lib/class-names.ts'
import { recall, remember } from '../../lib/device-memory.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { buttonClass } from '../../ui/button-class.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { dashboardTexts } from './dashboard.texts.ts'
import { startSteps, type StartStep } from './start-steps.ts'

const paths = { jira: '/connections', model: '/connections', story: '/stories' } as const

/** Three steps to the first story, until they are waved away. */
export function GettingStarted({
  accountId,
  features,
}: {
  readonly accountId: string
  readonly features: readonly Feature[]
}) {
  const t = useTexts(dashboardTexts)
  const [isDismissed, dismiss] = useDismissed(accountId)
  const steps = startSteps(features)
  const done = steps.filter((step) => step.isDone).length
  if (isDismissed) return undefined
  return (
    <section
      aria-labelledby="start"
      className="rounded-card border border-accent-line bg-accent-soft p-5 sm:p-6"
    >
      <div className="flex items-start justify-between gap-4">
        <div>
          <h2 id="start" className="text-lg font-semibold">
            {t('start.title')}
          </h2>
          <p className="text-sm text-muted">{t('start.progress', { done, all: steps.length })}</p>
        </div>
        <IconButton
          size="small-icon"
          label={t('start.dismiss')}
          icon={<X aria-hidden className="size-4" />}
          onPress={dismiss}
        />
      </div>
      <ol className="mt-4 grid gap-3 lg:grid-cols-3">
        {steps.map((step, index) => (
          <Step key={step.id} step={step} number={index + 1} />
        ))}
      </ol>
    </section>
  )
}

function Step({ step, number }: { readonly step: StartStep; readonly number: number }) {
  const t = useTexts(dashboardTexts)
  const { id, isDone, isNext } = step
  return (
    <li
      aria-current={isNext ? 'step' : undefined}
      className="flex gap-3 rounded-field border border-line bg-surface p-4"
    >
      <span
        aria-hidden
        className={classNames(
          'grid size-7 shrink-0 place-items-center rounded-full border text-sm font-semibold',
          isDone ? 'border-good-line bg-good-soft text-good-ink' : 'border-edge text-muted',
        )}
      >
        {isDone ? <Check className="size-4" strokeWidth={3} /> : number}
      </span>
      <div className="flex min-w-0 flex-1 flex-col items-start">
        <h3 className="font-semibold">
          {t(`start.${id}`)}
          <span className="sr-only"> – {isDone ? t('start.done') : t('start.open')}</span>
        </h3>
        <p className="text-sm text-muted">
          {id === 'jira' && !isDone ? t('start.jira.again') : t(`start.${id}.text`)}
        </p>
        {isNext && (
          <Link
            to={paths[id]}
            {...(id === 'story' ? {} : { hash: id })}
            className={classNames('mt-3', buttonClass({ look: 'primary', size: 'small' }))}
          >
            {t(`start.go.${id}`)}
          </Link>
        )}
      </div>
    </li>
  )
}

function useDismissed(accountId: string): readonly [boolean, () => void] {
  const key = `start-dismissed:${accountId}`
  const [isDismissed, setIsDismissed] = useState(() => recall(key) !== undefined)
  return [
    isDismissed,
    () => {
      remember(key, '1')
      setIsDismissed(true)
    },
  ]
}

import { Check } from 'lucide-react'
import { classNames } from '../../lib/class-names.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { accountsTexts } from './accounts.texts.ts'

const steps = ['jira', 'password'] as const
type RegisterStep = (typeof steps)[number]

/** Where one is in the registration. */
export function RegisterSteps({ current }: { readonly current: RegisterStep }) {
  const t = useTexts(accountsTexts)
  return (
    <ol aria-label={t('register.steps')} className="flex items-center gap-3">
      {steps.map((step, index) => {
        const isDone = index < steps.indexOf(current)
        const isCurrent = step === current
        return (
          <li
            key={step}
            aria-current={isCurrent ? 'step' : undefined}
            className={classNames(
              'flex items-center gap-2 text-sm font-medium',
              isCurrent || isDone ? 'text-ink' : 'text-muted',
            )}
          >
            {index > 0 && <span aria-hidden className="me-1 h-px w-8 bg-edge/60" />}
            <span
              className={classNames(
                'grid size-6 place-items-center rounded-full border text-sm tabular-nums',
                isCurrent || isDone
                  ? 'border-accent bg-accent text-on-accent'
                  : 'border-edge text-muted',
              )}
            >
              {isDone ? <Check aria-hidden className="size-3.5" strokeWidth={3} /> : index + 1}
            </span>
            {t(`register.step.${step}`)}
            {isDone && <span className="sr-only">{t('register.step.done')}</span>}
          </li>
        )
      })}
    </ol>
  )
}

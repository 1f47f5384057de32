import { CircleCheck, CircleDashed, CircleHelp, CircleX, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useFormats } from '../lib/formats.ts'
import { useLanguage } from '../lib/i18n/language-provider.tsx'
import { useTexts } from '../lib/i18n/use-texts.ts'
import { type Problem, problemTexts } from '../lib/problem.ts'
import { classNames } from '../lib/class-names.ts'
import { Spinner } from './spinner.tsx'
import { uiTexts } from './ui.texts.ts'

/** `unverifiable`: neither passed nor failed, because nothing could be compared. */
export type StepState = 'passed' | 'failed' | 'not-run' | 'running' | 'unverifiable'

export type Step = {
  readonly id: string
  readonly label: ReactNode
  readonly state: StepState
  readonly durationMs?: number | undefined
  /** Why it failed and what to do. */
  readonly problem?: Problem | undefined
}

const icons: Record<Exclude<StepState, 'running'>, LucideIcon> = {
  passed: CircleCheck,
  failed: CircleX,
  'not-run': CircleDashed,
  unverifiable: CircleHelp,
}

const colours: Record<StepState, string> = {
  passed: 'text-good-ink',
  failed: 'text-bad-ink',
  'not-run': 'text-muted',
  running: 'text-muted',
  unverifiable: 'text-warn-ink',
}

/** A test as its steps, each with mark, word, time and, where it failed, cause and remedy. */
export function StepsList({
  steps,
  label,
}: {
  readonly steps: readonly Step[]
  readonly label: string
}) {
  return (
    <ol aria-label={label} className="flex flex-col gap-2">
      {steps.map((step) => (
        <StepRow key={step.id} step={step} />
      ))}
    </ol>
  )
}

function StepRow({ step }: { readonly step: Step }) {
  const t = useTexts(uiTexts)
  const formats = useFormats()
  return (
    <li className="flex gap-2.5">
      <span className={classNames('mt-0.5 shrink-0', colours[step.state])}>
        <StepIcon state={step.state} />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className={step.state === 'not-run' ? 'text-muted' : 'font-medium'}>
            {step.label}
          </span>
          <span className={classNames('text-sm', colours[step.state])}>
            {t(`step.${step.state}`)}
          </span>
          {step.durationMs !== undefined && (
            <bdi className="text-sm text-muted tabular-nums">
              {formats.duration(step.durationMs)}
            </bdi>
          )}
        </p>
        {step.problem !== undefined && <StepProblem problem={step.problem} />}
      </div>
    </li>
  )
}

function StepIcon({ state }: { readonly state: StepState }) {
  if (state === 'running') return <Spinner />
  const Icon = icons[state]
  return <Icon aria-hidden className="size-5" />
}

function StepProblem({ problem }: { readonly problem: Problem }) {
  const { texts } = useLanguage()
  const { message, steps } = problemTexts(problem, texts)
  return (
    <div className="mt-1 text-sm">
      <p className="font-medium">{message}</p>
      {steps.map((step) => (
        <p key={step} className="text-muted">
          {step}
        </p>
      ))}
    </div>
  )
}

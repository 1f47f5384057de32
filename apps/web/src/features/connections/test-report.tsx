import type { ConnectionSystem, TestResult } from '@studioops/contracts/connections'
import { useFormats } from '../../lib/formats.ts'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { StepsList } from '../../ui/steps-list.tsx'
import { connectionsTexts } from './connections.texts.ts'

const stepsOf: Readonly<Record<ConnectionSystem, readonly TestResult['steps'][number]['step'][]>> =
  {
    jira: ['address', 'tls', 'sign-in', 'permission', 'identity'],
    confluence: ['address', 'tls', 'sign-in', 'permission', 'identity'],
    trello: ['address', 'tls', 'sign-in', 'permission', 'identity'],
    model: ['address', 'tls', 'sign-in', 'answer'],
    'company-model': ['address', 'tls', 'sign-in', 'answer', 'identity'],
    'object-store': ['address', 'tls', 'sign-in', 'permission'],
  }

/** How a test went, step by step, or why it could not be made (CFG-15). */
export function TestReport({
  result,
  error,
  about,
  isPending,
  onRetry,
}: {
  readonly result: TestResult | undefined
  readonly error: Error | null
  readonly about: ConnectionSystem
  readonly isPending: boolean
  readonly onRetry: () => void
}) {
  if (isPending) return <Underway about={about} />
  if (error !== null) return <ProblemNotice error={error} onRetry={onRetry} />
  if (result === undefined) return undefined
  return <Result result={result} about={about} />
}

/** While the server tries: which steps there are, without claiming any. */
function Underway({ about }: { readonly about: ConnectionSystem }) {
  const t = useTexts(connectionsTexts)
  const steps = stepsOf[about].map((step) => ({
    id: step,
    label: t(`step.${step}`),
    state: 'running' as const,
  }))
  return (
    <Notice role="status" title={t('test.underway')}>
      <div className="mt-2">
        <StepsList label={t('test.steps')} steps={steps} />
      </div>
    </Notice>
  )
}

function outcomeOf({ passed, steps }: TestResult) {
  if (passed) return { tone: 'good', text: 'test.passed' } as const
  const hasFailed = steps.some(({ state }) => state === 'failed')
  return hasFailed
    ? ({ tone: 'bad', text: 'test.failed' } as const)
    : ({ tone: 'warn', text: 'test.unverifiable' } as const)
}

function Result({
  result,
  about,
}: {
  readonly result: TestResult
  readonly about: ConnectionSystem
}) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  const steps = result.steps.map((step) => ({
    ...step,
    id: step.step,
    label: t(`step.${step.step}`),
  }))
  const outcome = outcomeOf(result)
  return (
    <Notice
      role="status"
      tone={outcome.tone}
      title={t(outcome.text, { duration: formats.duration(result.durationMs) })}
    >
      {result.evidence !== undefined && (
        <p className="mb-2">
          <RichText
            texts={connectionsTexts}
            textKey={`evidence.${about}`}
            values={{ evidence: result.evidence }}
            parts={{ b: <bdi className="font-medium" /> }}
          />
        </p>
      )}
      <div className="mt-2">
        <StepsList label={t('test.steps')} steps={steps} />
      </div>
    </Notice>
  )
}

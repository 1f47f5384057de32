import type { TestResult } from '@studioops/contracts/connections'
import { useFormats } from '../../lib/formats.ts'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { StepsList } from '../../ui/steps-list.tsx'
import { connectionsTexts } from './connections.texts.ts'

/** How a test went, step by step, or why it could not be made (CFG-15). */
export function TestReport({
  result,
  error,
  about,
  onRetry,
}: {
  readonly result: TestResult | undefined
  readonly error: Error | null
  readonly about: 'jira' | 'model'
  readonly onRetry: () => void
}) {
  if (error !== null) return <ProblemNotice error={error} onRetry={onRetry} />
  if (result === undefined) return undefined
  return <Result result={result} about={about} />
}

function Result({
  result,
  about,
}: {
  readonly result: TestResult
  readonly about: 'jira' | 'model'
}) {
  const t = useTexts(connectionsTexts)
  const formats = useFormats()
  const steps = result.steps.map((step) => ({
    ...step,
    id: step.step,
    label: t(`step.${step.step}`),
  }))
  return (
    <Notice
      role="status"
      tone={result.passed ? 'good' : 'bad'}
      title={
        result.passed
          ? t('test.passed', { duration: formats.duration(result.durationMs) })
          : t('test.failed')
      }
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

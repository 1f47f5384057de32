import type { Run } from '@studioops/contracts/runs'
import type { Story } from '@studioops/contracts/stories'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { AnsweredQuestions } from '../../ui/question-card.tsx'
import type { Write } from './requirement-panel.tsx'
import type { FollowedRun } from '../../lib/run-follow.ts'
import { RunNotices, UnfinishedText } from './run-notices.tsx'
import { storiesTexts } from './stories.texts.ts'

type OutcomeProps = {
  readonly story: Story
  readonly run: Run
  readonly followed: FollowedRun
  readonly write: Write
}

/** How the last run ended, as long as nothing newer was made by hand. */
export function RunOutcome({ story, run, followed, write }: OutcomeProps) {
  const { progress } = followed
  const hasVersion = story.versions.length > 0
  const { state } = run
  if (isOutdated(story, run)) return undefined
  if (state === 'failed')
    return <FailedRun hasVersion={hasVersion} problem={progress.problem} write={write} />
  if (state !== 'stopped' && state !== 'partial') return <RunHistory followed={followed} />
  return (
    <>
      <EarlyEnd state={state} hasVersion={hasVersion} write={write} />
      {progress.text !== '' && <WrittenSoFar text={progress.text} isFolded={hasVersion} />}
      <RunHistory followed={followed} />
    </>
  )
}

function isOutdated({ versions }: Story, run: Run): boolean {
  const newest = versions.at(-1)
  return newest?.source === 'edit' && Date.parse(newest.createdAt) > Date.parse(run.startedAt)
}

function EarlyEnd({
  state,
  hasVersion,
  write,
}: {
  readonly state: 'stopped' | 'partial'
  readonly hasVersion: boolean
  readonly write: Write
}) {
  const t = useTexts(storiesTexts)
  return (
    <Notice
      tone="warn"
      title={t(`run.${state}`)}
      actions={<RetryButton hasVersion={hasVersion} write={write} />}
    >
      <p>{t(`${state}.text`)}</p>
      {hasVersion && <p>{t('kept.text')}</p>}
    </Notice>
  )
}

function FailedRun({
  hasVersion,
  problem,
  write,
}: {
  readonly hasVersion: boolean
  readonly problem: FollowedRun['progress']['problem']
  readonly write: Write
}) {
  const t = useTexts(storiesTexts)
  return (
    <>
      <Notice
        tone="bad"
        title={t('run.failed')}
        actions={<RetryButton hasVersion={hasVersion} write={write} />}
      >
        {hasVersion && <p>{t('kept.text')}</p>}
      </Notice>
      {problem !== undefined && <ProblemNotice error={problem} />}
    </>
  )
}

/** Without a version the button of the first step says the same already. */
function RetryButton({
  hasVersion,
  write,
}: {
  readonly hasVersion: boolean
  readonly write: Write
}) {
  const t = useTexts(storiesTexts)
  if (hasVersion) return undefined
  return (
    <Button size="small" isPending={write.isPending} onPress={() => write.mutate({})}>
      {t('write.retry')}
    </Button>
  )
}

function WrittenSoFar({ text, isFolded }: { readonly text: string; readonly isFolded: boolean }) {
  const t = useTexts(storiesTexts)
  if (!isFolded) return <UnfinishedText text={text} />
  return (
    <details>
      <summary className="cursor-pointer text-sm text-muted">{t('unfinished.show')}</summary>
      <div className="mt-2">
        <UnfinishedText text={text} />
      </div>
    </details>
  )
}

function RunHistory({ followed: { progress } }: { readonly followed: FollowedRun }) {
  const t = useTexts(storiesTexts)
  if (progress.dropped.length === 0 && progress.answered.length === 0) return undefined
  return (
    <details>
      <summary className="cursor-pointer text-sm text-muted">{t('run.history')}</summary>
      <div className="mt-3 flex flex-col gap-3">
        <RunNotices progress={progress} />
        <AnsweredQuestions answered={progress.answered} />
      </div>
    </details>
  )
}

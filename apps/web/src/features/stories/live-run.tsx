import type { Run } from '@studioops/contracts/runs'
import type { Story } from '@studioops/contracts/stories'
import { Square } from 'lucide-react'
import { memo, useDeferredValue } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { useStopRun } from '../../lib/run.queries.ts'
import { useEscape } from '../../lib/use-escape.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { AnsweredQuestions, QuestionCard } from '../../ui/question-card.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { readPartialReply } from './partial-story.ts'
import type { FollowedRun } from '../../lib/run-follow.ts'
import { RunNotices } from './run-notices.tsx'
import { phaseOf } from './run-status.tsx'
import { storyKey } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import { StoryView } from './story-view.tsx'

const emptyStory = readPartialReply('{}')

/** A story while it is written. */
export function LiveRun({
  story,
  run,
  followed,
}: {
  readonly story: Story
  readonly run: Run
  readonly followed: FollowedRun
}) {
  const { progress } = followed
  const stop = useStopRun()
  const isOver = progress.done !== undefined
  const stopOnce = () => {
    if (!isOver && !stop.isSuccess) stop.mutate(run.id)
  }
  useEscape(stopOnce)
  const question = progress.lastId === undefined ? run.question : progress.question
  // Words come faster than a slow machine draws them; what somebody does goes first.
  const text = useDeferredValue(progress.text)
  return (
    <div className="flex flex-col gap-4">
      <LiveBar
        run={run}
        followed={followed}
        isStopping={stop.isPending || stop.isSuccess}
        onStop={stopOnce}
      />
      {stop.isError && <ProblemNotice error={stop.error} onRetry={stopOnce} />}
      <RunNotices progress={progress} />
      <AnsweredQuestions answered={progress.answered} />
      {question !== undefined && (
        <QuestionCard
          key={question.requestId}
          queryKey={storyKey(story.id)}
          runId={run.id}
          question={question}
        />
      )}
      {question === undefined && <GrowingStory text={text} isBdd={story.format === 'bdd'} />}
    </div>
  )
}

const GrowingStory = memo(function GrowingStory({
  text,
  isBdd,
}: {
  readonly text: string
  readonly isBdd: boolean
}) {
  const reply = readPartialReply(text)
  const shown = reply.kind === 'story' ? reply : emptyStory
  if (shown.kind !== 'story') return undefined
  return <StoryView story={shown.story} isGrowing hasScenarios={isBdd} />
})

function LiveBar({
  run,
  followed,
  isStopping,
  onStop,
}: {
  readonly run: Run
  readonly followed: FollowedRun
  readonly isStopping: boolean
  readonly onStop: () => void
}) {
  const t = useTexts(storiesTexts)
  const { attempts, done } = followed.progress
  const model = attempts.at(-1)?.model
  return (
    <div className="flex min-h-10 flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <p className="flex min-w-0 flex-wrap items-center gap-x-2.5">
        {done === undefined && <Spinner />}
        <span>{t(`run.${phaseOf(run, followed)}`)}</span>
        {model !== undefined && (
          <span className="text-sm text-muted">{t('run.model', { model })}</span>
        )}
      </p>
      {done === undefined && (
        <div className="flex items-center gap-3">
          <span aria-hidden className="text-sm text-muted max-md:hidden">
            {t('run.stop.hint')}
          </span>
          <Button
            size="small"
            isPending={isStopping}
            icon={<Square className="size-3.5 fill-current" />}
            onPress={onStop}
          >
            {isStopping ? t('run.stopping') : t('run.stop')}
          </Button>
        </div>
      )}
    </div>
  )
}

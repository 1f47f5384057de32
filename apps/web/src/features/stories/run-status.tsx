import type { Run } from '@studioops/contracts/runs'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { type FollowedRun, isGoingOn } from '../../lib/run-follow.ts'
import { storiesTexts } from './stories.texts.ts'

type Phase =
  | 'starting'
  | 'thinking'
  | 'writing'
  | 'waiting'
  | 'interrupted'
  | 'reconnecting'
  | 'complete'
  | 'offline'
  | 'stopped'
  | 'partial'
  | 'failed'

/** How a run stands, for a person: the stream knows first, the story knows at the end. */
export function phaseOf(run: Run, { progress, link }: FollowedRun): Phase {
  if (progress.done !== undefined) return progress.done.state
  if (!isGoingOn(run)) return run.state === 'running' ? 'writing' : run.state
  if (link === 'reconnecting') return 'reconnecting'
  if (progress.question !== undefined) return 'waiting'
  if (run.state === 'interrupted' && progress.text === '') return 'interrupted'
  if (progress.text !== '') return 'writing'
  return progress.isThinking ? 'thinking' : 'starting'
}

/** Says how the run stands; the text of the story itself is never read out piece by piece. */
export function RunStatus({
  run,
  followed,
}: {
  readonly run: Run | undefined
  readonly followed: FollowedRun
}) {
  const t = useTexts(storiesTexts)
  return (
    <VisuallyHidden role="status">
      {run !== undefined && t(`run.${phaseOf(run, followed)}`)}
    </VisuallyHidden>
  )
}

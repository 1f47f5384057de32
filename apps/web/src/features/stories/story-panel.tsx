import type { Story } from '@studioops/contracts/stories'
import { FileText } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { DraftView } from './draft-view.tsx'
import { LiveRun } from './live-run.tsx'
import type { Write } from './requirement-panel.tsx'
import { type FollowedRun, isGoingOn } from './run-follow.ts'
import { RunOutcome } from './run-outcome.tsx'
import { StepSection } from './step-section.tsx'
import { storiesTexts } from './stories.texts.ts'
import type { StoryEditor } from './story-editing.ts'
import type { KeptInput } from './story-input.ts'
import type { StoryView as View } from './story-views.ts'

export type StoryPanelProps = {
  readonly story: Story
  readonly kept: KeptInput
  readonly write: Write
  readonly followed: FollowedRun
  readonly editor: StoryEditor
  readonly view: View
  readonly onView: (view: View) => void
  /** False once the story is approved. */
  readonly isOpen: boolean
}

/** The second step: the story while it is written, and as it can be corrected. */
export function StoryPanel(props: StoryPanelProps) {
  const t = useTexts(storiesTexts)
  return (
    <StepSection step={2} title={t('step.story')}>
      <Content {...props} />
    </StepSection>
  )
}

function Content(props: StoryPanelProps) {
  const t = useTexts(storiesTexts)
  const { story, followed, write, isOpen } = props
  if (story.run !== undefined && isGoingOn(story.run))
    return <LiveRun story={story} run={story.run} followed={followed} />
  const newest = story.versions.at(-1)
  const isUntouched = newest === undefined && story.run === undefined
  return (
    <>
      {isOpen && story.run !== undefined && (
        <RunOutcome story={story} run={story.run} followed={followed} write={write} />
      )}
      {newest !== undefined && <DraftView {...props} newest={newest} />}
      {isUntouched && (
        <EmptyState icon={FileText} title={t('story.empty.title')}>
          {t('story.empty.text')}
        </EmptyState>
      )}
    </>
  )
}

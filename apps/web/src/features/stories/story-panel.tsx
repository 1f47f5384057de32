import type { Story, StoryVersion } from '@studioops/contracts/stories'
import { FileText } from 'lucide-react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { DraftView, OfflineNotice } from './draft-view.tsx'
import { LiveRun } from './live-run.tsx'
import type { Write } from './requirement-panel.tsx'
import { type FollowedRun, isGoingOn } from '../../lib/run-follow.ts'
import { RunOutcome } from './run-outcome.tsx'
import { StepSection } from './step-section.tsx'
import { storiesTexts } from './stories.texts.ts'
import type { StoryEditor } from './story-editing.ts'
import type { KeptInput } from './story-input.ts'
import type { StoryView as View } from './story-views.ts'
import { VersionSource } from './versions-view.tsx'

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
  const newest = props.story.versions.at(-1)
  const isWriting = isGoingOn(props.story.run)
  return (
    <StepSection
      step={2}
      title={t('step.story')}
      aside={newest !== undefined && !isWriting && <VersionLine version={newest} />}
    >
      <Content {...props} />
    </StepSection>
  )
}

function VersionLine({ version }: { readonly version: StoryVersion }) {
  const t = useTexts(storiesTexts)
  return (
    <p className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
      <span>{t('version.number', { number: version.number })}</span>
      <VersionSource version={version} />
    </p>
  )
}

function Content(props: StoryPanelProps) {
  const t = useTexts(storiesTexts)
  const { story, followed } = props
  const { run, versions } = story
  const newest = versions.at(-1)
  if (run !== undefined && isGoingOn(run))
    return <LiveRun story={story} run={run} followed={followed} />
  if (newest === undefined && run === undefined)
    return (
      <EmptyState icon={FileText} title={t('story.empty.title')}>
        {t('story.empty.text')}
      </EmptyState>
    )
  return (
    <>
      {props.isOpen && <LastRun {...props} />}
      {newest !== undefined && <DraftView {...props} newest={newest} />}
    </>
  )
}

/** What the reader should know of how the story came about. */
function LastRun(props: StoryPanelProps) {
  const { story, followed, write } = props
  return (
    <>
      {story.versions.at(-1)?.source === 'offline' && <OfflineNotice {...props} />}
      {story.run !== undefined && (
        <RunOutcome story={story} run={story.run} followed={followed} write={write} />
      )}
    </>
  )
}

import type { Story } from '@studioops/contracts/stories'
import { Link } from '@tanstack/react-router'
import {
  type ComponentType,
  lazy,
  memo,
  Suspense,
  useDeferredValue,
  useEffect,
  useRef,
} from 'react'
import { isolated } from '../../lib/i18n/i18n.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import type { OperationCardProps } from '../outbox/index.ts'
import type { PublishPanelProps } from '../pages/index.ts'
import { ApprovePanel } from './approve-panel.tsx'
import { OutcomePanel } from './outcome-panel.tsx'
import { RequirementPanel, type Write } from './requirement-panel.tsx'
import { RequirementSummary } from './requirement-summary.tsx'
import { isGoingOn, useFollowedRun } from '../../lib/run-follow.ts'
import { RunStatus } from './run-status.tsx'
import { useSaveInput, useStory, useStoryRefresh, useWriteStory } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import { useStoryEditor } from './story-editing.ts'
import { type KeptInput, useKeptInput } from './story-input.ts'
import { StoryPanel } from './story-panel.tsx'
import { StoryStateBadge } from './story-state-badge.tsx'
import type { StoryView } from './story-views.ts'

const CardsPanel = lazy(async () => {
  const { CardsPanel: panel } = await import('./cards-panel.tsx')
  return { default: panel }
})

type ViewProps = {
  readonly view: StoryView
  readonly onView: (view: StoryView) => void
  readonly OperationCard: ComponentType<OperationCardProps>
  readonly PublishPanel: ComponentType<PublishPanelProps>
}

/** From the requirement to the issue in Jira. */
export function StoryPage({ storyId, ...props }: ViewProps & { readonly storyId: string }) {
  const t = useTexts(storiesTexts)
  const story = useStory(storyId)
  if (story.data !== undefined) return <Workspace story={story.data} {...props} />
  return (
    <Page title={t('list.title')} width="full">
      {story.isError ? (
        <ProblemNotice
          error={story.error}
          isRetrying={story.isFetching}
          onRetry={() => void story.refetch()}
          actions={<BackLink />}
        />
      ) : (
        <Columns>
          <LoadingStatus />
          <Skeleton shape="card" count={2} />
        </Columns>
      )}
    </Page>
  )
}

function BackLink() {
  const t = useTexts(storiesTexts)
  return (
    <Link
      to="/stories"
      activeOptions={{ exact: true }}
      className="link inline-flex min-h-8 items-center max-md:min-h-11"
    >
      {t('page.back')}
    </Link>
  )
}

function Columns({ children }: { readonly children: React.ReactNode }) {
  return (
    <div className="@container">
      <div className="grid items-start gap-x-8 gap-y-10 @3xl:grid-cols-[17rem_minmax(0,1fr)] @5xl:grid-cols-[20rem_minmax(0,1fr)] @7xl:grid-cols-[20rem_minmax(0,1fr)_20rem]">
        {children}
      </div>
    </div>
  )
}

function Workspace({ story, view, onView, ...parts }: ViewProps & { readonly story: Story }) {
  const { OperationCard, PublishPanel } = parts
  const t = useTexts(storiesTexts)
  const kept = useKeptInput(story, useSaveInput(story.id))
  const write = useWriteStory(story.id, kept.keepNow)
  const isOpen = story.state !== 'approved' && story.state !== 'created'
  const isWriting = isGoingOn(story.run)
  const outcome = useFocusOnceApproved(isOpen)
  return (
    <Page
      width="full"
      title={story.title === '' ? t('page.untitled') : isolated(story.title)}
      actions={
        <span className="flex flex-wrap items-center gap-4 pt-1">
          <StoryStateBadge state={story.state} />
          <BackLink />
        </span>
      }
    >
      {story.operation !== undefined && (
        <OutcomePanel
          ref={outcome}
          story={story}
          operation={story.operation}
          OperationCard={OperationCard}
        />
      )}
      <Columns>
        {isOpen ? (
          <RequirementPanel story={story} kept={kept} write={write} />
        ) : (
          <RequirementSummary story={story} />
        )}
        <Draft {...{ story, kept, write, view, onView, isOpen, isWriting }} />
      </Columns>
      <Publish {...{ story, isWriting, OperationCard, PublishPanel }} />
      {story.versions.length > 0 && !isWriting && (
        <Suspense fallback={null}>
          <CardsPanel story={story} OperationCard={OperationCard} />
        </Suspense>
      )}
    </Page>
  )
}

type DraftProps = Pick<ViewProps, 'view' | 'onView'> & {
  readonly story: Story
  readonly kept: KeptInput
  readonly write: Write
  readonly isOpen: boolean
  readonly isWriting: boolean
}

/**
 * What changes with each word of the model and each key of a correction; everything around it stays.
 * The rules follow the corrections when the browser has time, so that no key waits for them.
 */
function Draft({ story, kept, write, view, onView, isOpen, isWriting }: DraftProps) {
  const followed = useFollowedRun(story.run, useStoryRefresh(story.id))
  const editor = useStoryEditor(story)
  const settled = useDeferredValue(editor)
  return (
    <>
      <RunStatus run={story.run} followed={followed} />
      <StoryPanel {...{ story, kept, write, followed, editor, view, onView, isOpen }} />
      {isOpen && <SteadyApprovePanel {...{ story, kept, write, editor: settled, isWriting }} />}
    </>
  )
}

const SteadyApprovePanel = memo(ApprovePanel)

type PublishProps = Pick<ViewProps, 'OperationCard' | 'PublishPanel'> & {
  readonly story: Story
  readonly isWriting: boolean
}

/** As soon as there is something that can be published. */
function Publish({ story, isWriting, OperationCard, PublishPanel }: PublishProps) {
  const newest = story.versions.at(-1)
  if (newest === undefined || isWriting) return null
  return (
    <Suspense fallback={null}>
      <PublishPanel
        storyId={story.id}
        title={newest.content.summary}
        version={newest.number}
        OperationCard={OperationCard}
      />
    </Suspense>
  )
}

/** The button that was pressed is gone after an approval, so the focus goes on to what came of it. */
function useFocusOnceApproved(isOpen: boolean) {
  const outcome = useRef<HTMLHeadingElement>(null)
  const wasOpen = useRef(isOpen)
  useEffect(() => {
    if (wasOpen.current && !isOpen) outcome.current?.focus()
    wasOpen.current = isOpen
  }, [isOpen])
  return outcome
}

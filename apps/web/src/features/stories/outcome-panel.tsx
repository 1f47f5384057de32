import type { Operation } from '@studioops/contracts/operations'
import type { Story } from '@studioops/contracts/stories'
import { type ComponentType, type Ref, Suspense } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import type { OperationCardProps } from '../outbox/index.ts'
import { IssuesList } from './issues-list.tsx'
import { NewStoryButton } from './new-story.tsx'
import { StepSection } from './step-section.tsx'
import { useStoryRefresh } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'

/** What came of an approval. */
export function OutcomePanel({
  story,
  operation,
  OperationCard,
  ref,
}: {
  readonly story: Story
  readonly operation: Operation
  readonly OperationCard: ComponentType<OperationCardProps>
  readonly ref: Ref<HTMLHeadingElement>
}) {
  const t = useTexts(storiesTexts)
  const refresh = useStoryRefresh(story.id)
  const isDone = operation.state === 'done'
  return (
    <div className="mb-10 max-w-3xl">
      <StepSection ref={ref} title={t('step.outcome')}>
        <Suspense fallback={<Skeleton shape="card" />}>
          <OperationCard
            operation={operation}
            headingLevel={3}
            onDeed={refresh}
            actions={isDone ? <NewStoryButton label={t('outcome.another')} /> : undefined}
          />
        </Suspense>
        {story.issues.length > 1 && <IssuesList issues={story.issues} />}
      </StepSection>
    </div>
  )
}

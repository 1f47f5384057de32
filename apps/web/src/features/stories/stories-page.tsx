import type { Story, StorySummary } from '@studioops/contracts/stories'
import { Link } from '@tanstack/react-router'
import { SquarePen } from 'lucide-react'
import { useState } from 'react'
import { RichText } from '../../lib/i18n/rich-text.tsx'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { buttonClass } from '../../ui/button-class.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { LoadingStatus, Skeleton } from '../../ui/skeleton.tsx'
import { useToast } from '../../ui/toast.tsx'
import { NewStoryButton } from './new-story.tsx'
import { useDeleteStory, useStories } from './stories.queries.ts'
import { storiesTexts } from './stories.texts.ts'
import { BulkBar } from './bulk-bar.tsx'
import { StateFilter } from './state-filter.tsx'
import { StoriesList } from './stories-list.tsx'

/** The own stories, newest first. */
export function StoriesPage({ filter, onFilter }: FilterProps) {
  const t = useTexts(storiesTexts)
  const stories = useStories()
  const isEmpty = stories.data?.length === 0
  const button = (
    <>
      <Link to="/stories/settings" className={buttonClass({ look: 'quiet' })}>
        {t('list.settings')}
      </Link>
      <NewStoryButton label={t('list.new')} />
    </>
  )
  // While nobody knows whether there are stories, the button has no place to be pressed in.
  const hasHead = !stories.isPending && !isEmpty
  return (
    <Page title={t('list.title')} lead={t('list.lead')} actions={hasHead ? button : undefined}>
      {isEmpty ? (
        <EmptyState
          icon={SquarePen}
          title={t('list.empty.title')}
          action={<NewStoryButton label={t('list.new')} />}
        >
          {t('list.empty.text')}
        </EmptyState>
      ) : (
        <StoriesContent filter={filter} onFilter={onFilter} />
      )}
    </Page>
  )
}

type FilterProps = {
  /** Only stories in this state. */
  readonly filter: Story['state'] | undefined
  readonly onFilter: (filter: Story['state'] | undefined) => void
}

function StoriesContent({ filter, onFilter }: FilterProps) {
  const stories = useStories()
  if (stories.data !== undefined)
    return <Filtered stories={stories.data} filter={filter} onFilter={onFilter} />
  if (stories.isError)
    return (
      <ProblemNotice
        error={stories.error}
        isRetrying={stories.isFetching}
        onRetry={() => void stories.refetch()}
      />
    )
  return (
    <div className="flex flex-col gap-3">
      <LoadingStatus />
      <Skeleton shape="field" count={4} />
    </div>
  )
}

function Filtered({
  stories,
  filter,
  onFilter,
}: FilterProps & { readonly stories: readonly StorySummary[] }) {
  const t = useTexts(storiesTexts)
  const shown = stories.filter(({ state }) => filter === undefined || state === filter)
  return (
    <div className="flex flex-col gap-4">
      <StateFilter stories={stories} value={filter} onChange={onFilter} />
      {shown.length === 0 ? (
        <EmptyState
          title={t('list.filter.none')}
          action={<Button onPress={() => onFilter(undefined)}>{t('list.filter.clear')}</Button>}
        />
      ) : (
        <ListWithDeletion stories={shown} />
      )}
    </div>
  )
}

function ListWithDeletion({ stories }: { readonly stories: readonly StorySummary[] }) {
  const t = useTexts(storiesTexts)
  const toast = useToast()
  const deletion = useDeleteStory()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [doomed, setDoomed] = useState<StorySummary>()
  const close = () => {
    setDoomed(undefined)
    deletion.reset()
  }
  const remove = (storyId: string) =>
    deletion.mutate(storyId, {
      onSuccess: () => {
        close()
        toast({ text: t('delete.done') })
      },
    })
  return (
    <>
      <BulkBar
        stories={stories}
        chosen={stories.filter(({ id }) => chosen.has(id))}
        onChoose={setChosen}
      />
      <StoriesList
        stories={stories}
        chosen={chosen}
        onChoose={(storyId, isChosen) =>
          setChosen((known) => {
            const next = new Set(known)
            if (isChosen) next.add(storyId)
            else next.delete(storyId)
            return next
          })
        }
        onDelete={setDoomed}
      />
      <ConfirmDialog
        title={t('delete.title')}
        confirmLabel={t('delete.confirm')}
        isOpen={doomed !== undefined}
        isPending={deletion.isPending}
        onConfirm={() => doomed !== undefined && remove(doomed.id)}
        onClose={close}
      >
        <div className="flex flex-col gap-3">
          <p>
            <RichText
              texts={storiesTexts}
              textKey="delete.text"
              values={{ title: doomed?.title || t('list.untitled') }}
              parts={{ name: <bdi className="font-medium" /> }}
            />
          </p>
          {deletion.isError && <ProblemNotice error={deletion.error} />}
        </div>
      </ConfirmDialog>
    </>
  )
}

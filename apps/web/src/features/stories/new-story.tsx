import type { StorySummary } from '@studioops/contracts/stories'
import { useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useLanguage } from '../../lib/i18n/language-provider.tsx'
import { useIdempotencyKey } from '../../lib/idempotency-key.ts'
import { Button } from '../../ui/button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { useCreateStory, useStories } from './stories.queries.ts'
import type { NewStory } from './story-input.ts'

/** Goes on with a story that nobody has typed into, else begins one in the project of the last. */
function useNewStory() {
  const stories = useStories().data ?? []
  const navigate = useNavigate()
  const create = useCreateStory()
  const { texts } = useLanguage()
  const { key, renew } = useIdempotencyKey()
  const open = (storyId: string) => void navigate({ to: '/stories/$storyId', params: { storyId } })
  const begin = () => {
    const untouched = stories.find(({ state, title }) => state === 'new' && title === '')
    if (untouched !== undefined) return open(untouched.id)
    create.mutate(
      { input: firstInput(stories, texts), idempotencyKey: key },
      {
        onSuccess: ({ story }) => {
          renew()
          open(story.id)
        },
      },
    )
  }
  return { begin, isPending: create.isPending, error: create.error }
}

function firstInput(stories: readonly StorySummary[], language: 'en' | 'he'): NewStory {
  const projectKey = stories.find((story) => story.projectKey !== undefined)?.projectKey
  return {
    requirement: '',
    format: 'classic',
    language,
    ...(projectKey === undefined ? {} : { projectKey }),
  }
}

export function NewStoryButton({ label }: { readonly label: string }) {
  const { begin, isPending, error } = useNewStory()
  return (
    <span className="flex flex-col items-start gap-3">
      <Button
        look="primary"
        isPending={isPending}
        icon={<Plus className="size-4" />}
        onPress={begin}
      >
        {label}
      </Button>
      {error !== null && <ProblemNotice error={error} onRetry={begin} />}
    </span>
  )
}

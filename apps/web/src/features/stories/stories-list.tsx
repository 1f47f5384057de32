import type { StorySummary } from '@studioops/contracts/stories'
import { Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useApi } from '../../lib/api-context.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Code } from '../../ui/code.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { storiesTexts } from './stories.texts.ts'
import { StoryStateBadge } from './story-state-badge.tsx'

type ListProps = {
  readonly stories: readonly StorySummary[]
  readonly onDelete: (story: StorySummary) => void
}

/** Shows what it is given. */
export function StoriesList({ stories, onDelete }: ListProps) {
  const t = useTexts(storiesTexts)
  return (
    <ul
      aria-label={t('list.label')}
      className="divide-y divide-line rounded-card border border-line bg-surface shadow-card"
    >
      {stories.map((story) => (
        <StoryRow key={story.id} story={story} onDelete={() => onDelete(story)} />
      ))}
    </ul>
  )
}

function StoryRow({
  story,
  onDelete,
}: {
  readonly story: StorySummary
  readonly onDelete: () => void
}) {
  const t = useTexts(storiesTexts)
  const formats = useFormats()
  const { serverNow } = useApi()
  const { id: storyId, title, state, projectKey, issueKey, issueUrl, updatedAt } = story
  const name = title === '' ? t('list.untitled') : title
  const isDeletable = state !== 'approved' && state !== 'created'
  return (
    <li className="flex items-start gap-3 px-4 py-3 sm:items-center sm:px-5">
      <div className="flex min-w-0 flex-1 flex-col gap-x-4 gap-y-1.5 sm:flex-row sm:items-center">
        <div className="min-w-0 flex-1">
          <Link
            to="/stories/$storyId"
            params={{ storyId }}
            className="-my-1 block py-1 font-medium wrap-anywhere hover:underline"
          >
            <bdi>{name}</bdi>
          </Link>
          <p className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
            {projectKey !== undefined && issueKey === undefined && <Code>{projectKey}</Code>}
            <time dateTime={updatedAt} title={formats.dateTime(updatedAt)}>
              {t('list.updated', { when: formats.relative(updatedAt, serverNow()) })}
            </time>
          </p>
        </div>
        <p className="flex flex-wrap items-center gap-3">
          {issueKey !== undefined && issueUrl !== undefined && (
            <OutsideLink href={issueUrl}>
              <Code>{issueKey}</Code>
            </OutsideLink>
          )}
          <StoryStateBadge state={state} />
        </p>
      </div>
      {/* The place of the button stays where there is none, so that the badges stand in one column. */}
      <span className="size-8 shrink-0 max-md:size-11">
        {isDeletable && (
          <IconButton
            size="small-icon"
            label={t('list.delete', { title: name })}
            icon={<Trash2 className="size-4" />}
            onPress={onDelete}
          />
        )}
      </span>
    </li>
  )
}

import type { StorySummary } from '@studioops/contracts/stories'
import { Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useApi } from '../../lib/api-context.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Code } from '../../ui/code.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { OutsideLink } from '../../ui/outside-link.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { storiesTexts } from './stories.texts.ts'
import { StoryStateBadge } from './story-state-badge.tsx'

type ListProps = {
  readonly stories: readonly StorySummary[]
  readonly onDelete: (story: StorySummary) => void
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (storyId: string, isChosen: boolean) => void
}

/** Shows what it is given. */
export function StoriesList({ stories, onDelete, chosen, onChoose }: ListProps) {
  const t = useTexts(storiesTexts)
  return (
    <ul
      aria-label={t('list.label')}
      className="divide-y divide-line rounded-card border border-line bg-surface shadow-card"
    >
      {stories.map((story) => (
        <StoryRow
          key={story.id}
          story={story}
          isChosen={chosen.has(story.id)}
          onChoose={(isChosen) => onChoose(story.id, isChosen)}
          onDelete={() => onDelete(story)}
        />
      ))}
    </ul>
  )
}

/** In how many parts it was cut, and what keeps a draft from being approved. */
function Standing({ story }: { readonly story: StorySummary }) {
  const t = useTexts(storiesTexts)
  const { children = 0, brokenRules = [], state } = story
  return (
    <>
      {children > 0 && <span>{t('list.parts', { count: children })}</span>}
      {state === 'draft' && brokenRules.length > 0 && (
        <span className="text-warn-ink">{t('list.broken', { count: brokenRules.length })}</span>
      )}
    </>
  )
}

function StoryRow({
  story,
  isChosen,
  onChoose,
  onDelete,
}: {
  readonly story: StorySummary
  readonly isChosen: boolean
  readonly onChoose: (isChosen: boolean) => void
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
      <Checkbox isSelected={isChosen} onChange={onChoose}>
        <VisuallyHidden>{t('list.select', { title: name })}</VisuallyHidden>
      </Checkbox>
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
            <Standing story={story} />
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
